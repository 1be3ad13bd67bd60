"""Whole bundles over the emulated driver: engines are looked for, proved, used, or left for the next backend."""

import contextlib
import io
import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorrt
from emulator import Emulator
from toy_bundle import LABORATORY, Toy, write_toy_bundle
from variants import add_variant

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import GoldenEntry
from leukoscope.bundle.write import extend_bundle
from leukoscope.cli.main import app
from leukoscope.errors import MachineError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.backends import tensorrt_thread
from leukoscope.runtime.backends.cuda.opening import open_device
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.engine import open_engines, remarks
from leukoscope.runtime.engines import cache
from leukoscope.runtime.engines.compile import Compiled
from leukoscope.runtime.engines.key import device_key
from leukoscope.runtime.engines.library import load_tensorrt
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.field import Frame
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings

BATCHES = (1, 4)
SIDES = {"xincept_all": 96, "sg_cldff": 192}
NATIVE = Settings(backend="tensorrt", threads=1)
BINDING = sys.argv[2]
# The binding that the test asks for, wherever the device is opened.
tensorrt_thread.DeviceThread.__init__.__defaults__ = (lambda: open_device(binding=BINDING),)


def bundle(networks=("xincept_all", "sg_cldff"), variants=()):
    """A toy bundle in the working folder, with golden outputs of every variant."""
    root = Path("bundle")
    made = write_toy_bundle(root, Toy(networks=networks))
    for name in variants:
        made = add_variant(root, "xincept_all", name, "passed")
    arrays = {}
    for network, entry in made.manifest.networks.items():
        side = SIDES[network]
        images = np.random.default_rng(side).integers(0, 255, (2, side, side, 3), np.uint8)
        arrays[f"{network}/frames"] = images
        for precision in entry.variants:
            graph = made.graph(network, precision)
            backend = open_onnxruntime(graph, "toy", precision, backend=CPU, threads=1)
            found = backend.infer(images).items()
            arrays |= {f"{network}/{precision}/{name}": array for name, array in found}
    entry = GoldenEntry("golden.npz", 2)
    return extend_bundle(
        root, lambda m: replace(m, golden=entry), {"golden.npz": golden_bytes(arrays)}
    )


def keep(made, network, precision="fp32", **settings):
    """Puts a stand-in's engine where `build` would have put it."""
    with open_device() as device:
        facts = device.facts
    graph = made.graph(network, precision)
    request = BuildRequest("tensorrt", BATCHES)
    library = load_tensorrt("tensorrt")
    changes = {name: settings.pop(name) for name in ("driver", "gpu") if name in settings}
    key = device_key(network, precision, sha256_of_bytes(graph), library, request, facts)
    plan = tensorrt._plan_of(graph, request.profile, **settings)
    return cache.write(replace(key, **changes), Compiled(plan=plan, layers=(), seconds=1.0))


def answers(engine):
    """Of some frames; and whether they are those of ONNX Runtime, bit for bit."""
    return engine.infer(images_for(engine))


def images_for(engine):
    side = engine.contract.input_px
    return np.random.default_rng(5).integers(0, 255, (3, side, side, 3), np.uint8)


def equal(one, other):
    return list(one) == list(other) and all(np.array_equal(one[n], other[n]) for n in one)


def close(engines):
    for engine in engines.values():
        getattr(engine.backend, "close", lambda: None)()


def clean():
    Emulator().assert_clean()
    assert tensorrt._faults == [], tensorrt._faults


def same_as_onnxruntime():
    """Both networks, opened here and used in a thread of its own, by name and by `auto`."""
    made = bundle()
    kept = [keep(made, network) for network in made.manifest.networks]
    wanted = {
        n: answers(e) for n, e in open_engines(made, Settings(backend=CPU, threads=1)).items()
    }
    for settings in (NATIVE, Settings(threads=1)):
        engines = open_engines(made, settings)
        assert {e.backend.name for e in engines.values()} == {"tensorrt"}
        assert remarks(made, engines, settings) == []
        found = {}
        worker = threading.Thread(
            target=lambda e=engines, f=found: f.update({n: answers(x) for n, x in e.items()})
        )
        worker.start()
        worker.join()
        assert all(equal(found[name], wanted[name]) for name in wanted)
        close(engines)
    assert all(cache.read(one.key).proved for one in kept)
    clean()


def whole_pipeline():
    """A field through all stages: the same result as by ONNX Runtime."""
    made = bundle()
    for network in made.manifest.networks:
        keep(made, network)
    frame = Frame(paint_field("Pro", 5, laboratory=LABORATORY).image, "painted", "painted_000", 0)
    native = open_pipeline(made, NATIVE)
    results = [
        open_pipeline(made, Settings(backend=CPU, threads=1))(frame),
        *(native(frame) for _ in range(3)),
    ]
    for result in results[1:]:
        assert result.cells == results[0].cells and len(result.cells) > 0
        assert np.array_equal(result.mask, results[0].mask)
        assert np.array_equal(result.evidence.heat, results[0].evidence.heat)
        assert np.array_equal(result.vote.probabilities, results[0].vote.probabilities)
    close(native.engines)
    clean()


def profiled():
    """A whole profile: copies by the device's events, in each variant and in the field's stages; all given back."""
    from leukoscope.runtime.profiler.measure import profile_bundle
    from leukoscope.runtime.profiler.request import Request

    made = bundle()
    for network in made.manifest.networks:
        keep(made, network)
    request = Request(
        backends=("tensorrt",), seconds=1.5, cold_starts=1, batches=(1, 8), layers=False,
        settings=Settings(threads=1),
    )  # fmt: skip
    found = profile_bundle(made, request)
    assert [one.backend for one in found.variants] == ["tensorrt", "tensorrt"], found.not_measured
    for one in found.variants:
        copies = one.copies
        assert copies.why_not is None and copies.copy_in_ms > 0 and copies.copy_out_ms > 0, copies
        assert [batch.batch for batch in one.batches] == [1, 8]
    run = found.runs[0]
    stages = {one.name: one.ms for one in run.fields.stages}
    assert stages["copy_in"].mean > 0 and stages["copy_out"].mean > 0
    assert run.stream.fields > 0 and run.cold_start.n == 1
    assert run.memory.device_peak_bytes is None and "not measured" in run.memory.why_no_device
    json.dumps(found.to_json(), allow_nan=False)
    clean()


def wrong_engine():
    """An engine that gives wrong maps is not used: one line names the output and who takes over."""
    made = bundle(("xincept_all",))
    kept = keep(made, "xincept_all", wrong="cams")
    for settings in (NATIVE, Settings(threads=1)):
        engines = open_engines(made, settings)
        lines = remarks(made, engines, settings)
        assert engines["xincept_all"].backend.name == CPU
        assert len(lines) == 1 and "\n" not in lines[0], lines
        assert "golden cams" in lines[0] and "onnxruntime-cpu takes over" in lines[0], lines
        assert Emulator().live() == {}
    marked = cache.read(kept.key)
    assert not marked.proved and marked.faults[0].startswith("cams"), marked
    print(lines[0])
    clean()


def no_engine():
    """By name: the command that builds it. By `auto`: a line, and ONNX Runtime."""
    made = bundle(("xincept_all",))
    for driver, words in (("", ()), ("9.1", ("the driver changed from 9.1 to",))):
        if driver:
            keep(made, "xincept_all", driver=driver)
        try:
            open_engines(made, NATIVE)
            raise AssertionError("no error")
        except MachineError as error:
            for word in (
                *words,
                "fp32 of xincept_all",
                "leukoscope build ",
                "--backend tensorrt --precision fp32",
            ):
                assert word in str(error), error
    engines = open_engines(made, Settings(threads=1))
    lines = remarks(made, engines, Settings(threads=1))
    assert engines["xincept_all"].backend.name == CPU
    assert len(lines) == 1 and "leukoscope build" in lines[0] and "takes over" in lines[0]
    print(lines[0])
    clean()


def quickest_that_passed():
    """INT8 with half before float; what is kept before what would be quicker."""
    made = bundle(("xincept_all",), ("int8", "int8_fp16"))
    keep(made, "xincept_all", "fp32")
    for precision in ("fp32", "int8", "int8_fp16"):
        if precision != "fp32":
            keep(made, "xincept_all", precision)
        engines = open_engines(made, NATIVE)
        assert engines["xincept_all"].backend.precision == precision
        close(engines)
    engines = open_engines(made, replace(NATIVE, precision="int8"))
    assert engines["xincept_all"].backend.precision == "int8"
    close(engines)
    clean()


def build_and_run():
    """The command line: `build` keeps engines and proves them, `run` takes them; ONNX Runtime's results, but for times."""
    bundle()
    built = json.loads(called("build", "bundle", "--batch", "1,4", "--json"))
    assert set(built["networks"]) == {"xincept_all", "sg_cldff"}, built
    assert all(engine.proved for engine in cache.kept_engines()) and len(cache.kept_engines()) == 2
    again = json.loads(called("build", "bundle", "--batch", "1,4", "--json"))
    assert all(one["reused"] for one in again["networks"].values()), again
    Emulator().assert_clean()
    found = {}
    for backend in ("tensorrt", "auto", CPU):
        source = "synthetic://?stage=pro&fields=3&seed=2"
        called(
            "run",
            "bundle",
            source,
            "--backend",
            backend,
            "--jsonl",
            f"{backend}.jsonl",
            "--save-maps",
            f"maps-{backend}",
        )
        lines = [json.loads(line) for line in Path(f"{backend}.jsonl").read_text().splitlines()]
        for line in lines:
            del line["captured_at_ns"], line["frame_age_ms"]
        maps = [np.load(path)["cams"] for path in sorted(Path(f"maps-{backend}").glob("*.npz"))]
        assert len(lines) == len(maps) == 3
        found[backend] = lines, maps
    executed = len(tensorrt._executions)
    assert executed > 12, executed
    for backend in ("tensorrt", "auto"):
        assert found[backend][0] == found[CPU][0]
        assert all(map(np.array_equal, found[backend][1], found[CPU][1]))
    assert tensorrt._faults == [], tensorrt._faults


def called(*arguments):
    """What the command prints on stdout."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            app(args=arguments, standalone_mode=False)
        except SystemExit as left:
            assert not left.code, left.code
    return out.getvalue()


def no_golden():
    """Without golden outputs an engine cannot be proved and is not used."""
    made = bundle(("xincept_all",))
    keep(made, "xincept_all")
    bare = write_toy_bundle(Path("bare"), Toy(networks=("xincept_all",)))
    engines = open_engines(bare, Settings(threads=1))
    lines = remarks(bare, engines, Settings(threads=1))
    assert engines["xincept_all"].backend.name == CPU
    assert len(lines) == 1 and "no golden outputs of fp32" in lines[0], lines
    clean()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
