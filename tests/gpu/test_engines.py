"""Engines on the device that they were built for: they build, are kept, and give the golden outputs."""

import numpy as np
import pytest

from leukoscope.errors import GateError
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.engines.build import build_engine
from leukoscope.runtime.engines.golden import golden_set
from leukoscope.runtime.engines.layers import types_by_node
from leukoscope.runtime.engines.request import BuildRequest

pytestmark = pytest.mark.gpu

ROUNDS = 50
NETWORKS = ("xincept_all", "sg_cldff")
PRECISIONS = ("fp32", "fp16", "int8", "int8_fp16")


@pytest.fixture(params=[(n, p) for n in NETWORKS for p in PRECISIONS], ids="-".join)
def variant(request, bundle):
    """Each variant that the bundle has."""
    network, precision = request.param
    if network not in bundle.manifest.networks or precision not in bundle.network(network).variants:
        pytest.skip(
            f"the bundle has no {network} in {precision}; give a calibrated one with --bundle"
        )
    return request.param


@pytest.fixture(scope="session")
def engines(tmp_path_factory):
    """Where the engines of this run are kept."""
    folder = tmp_path_factory.mktemp("engines")
    folder.chmod(0o700)
    return folder


@pytest.fixture
def built(bundle, variant, library, engines):
    return build_engine(bundle, *variant, BuildRequest(backend=library.name), folder=engines)


def prove(bundle, variant):
    golden = golden_set(bundle, *variant)

    def check(infer):
        faults = golden.faults(infer(golden.frames)) if golden else ()
        if faults:
            raise GateError("; ".join(map(str, faults)))

    return check


@pytest.fixture
def backend(bundle, variant, library, built):
    file = bundle.variant(*variant).file
    plan = built.path.read_bytes()
    with TensorRtBackend(library, plan, file, variant[1], 8, prove(bundle, variant)) as opened:
        yield opened


def test_an_engine_is_built_once(bundle, variant, library, engines, built, figure):
    again = build_engine(bundle, *variant, BuildRequest(backend=library.name), folder=engines)
    assert again.reused and again.path == built.path
    figure("build_seconds", built.seconds)
    figure("plan_bytes", built.path.stat().st_size)


def test_the_types_are_those_of_the_file(variant, built, figure):
    types = list(types_by_node(built.layers).values())
    if not types:
        pytest.skip("the library does not list this engine's layers")
    counts = {word: sum(t[0] == word for t in types) for word in {t[0] for t in types}}
    figure("layers_by_type", counts)
    assert variant[1] not in ("int8", "int8_fp16") or any("Int8" in word for word in counts)
    assert variant[1] != "fp16" or any("Half" in w or "FP16" in w for w in counts)


def test_the_golden_outputs_are_given(backend):
    """Opening the backend proves it."""
    assert backend.precision in PRECISIONS


@pytest.mark.parametrize("count", [1, 3, 8, 19])
def test_any_number_of_frames_runs(bundle, variant, backend, count):
    side = bundle.network(variant[0]).contract["input_px"]
    frames = np.random.default_rng(count).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    whole = backend.infer(frames)
    singly = [backend.infer(frames[i : i + 1]) for i in range(count)]
    for name, array in whole.items():
        joined = np.concatenate([one[name] for one in singly])
        assert array.shape == joined.shape and np.isfinite(array).all()
        scale = max(float(np.abs(joined).max()), 1e-6)
        assert np.abs(array - joined).max() <= 0.05 * scale, name


def test_the_processor_agrees(bundle, variant, backend, figure):
    golden = golden_set(bundle, *variant)
    if golden is None:
        pytest.skip("the bundle has no golden frames of it")
    graph, file = bundle.graph(*variant), bundle.variant(*variant).file
    on_cpu = open_onnxruntime(graph, file, variant[1], backend="onnxruntime-cpu")
    expected = on_cpu.infer(golden.frames)
    given = backend.infer(golden.frames)
    for name, array in expected.items():
        scale = max(float(np.abs(array).max()), 1e-6)
        figure(f"{name}_greatest_difference", float(np.abs(given[name] - array).max()) / scale)


def test_how_long_a_frame_takes(bundle, variant, backend, figure):
    from time import perf_counter

    side = bundle.network(variant[0]).contract["input_px"]
    for count in (1, backend.batch):
        frames = np.zeros((count, side, side, 3), np.uint8)
        backend.infer(frames)
        began = perf_counter()
        for _ in range(ROUNDS):
            backend.infer(frames)
        figure(f"ms_of_a_batch_of_{count}", (perf_counter() - began) / ROUNDS * 1e3)
