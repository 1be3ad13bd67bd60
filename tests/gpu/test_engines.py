"""Engines on the device that they were built for: they build, are kept, and give the golden outputs."""

import numpy as np
import pytest

from leukoscope.runtime.backends.kernels.heat import draw_on_host
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.backends.tensorrt_proof import (
    EngineMismatchError,
    load_golden,
    prove_engine,
)
from leukoscope.runtime.engines.build import build_engine
from leukoscope.runtime.engines.golden import GoldenSet
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


@pytest.fixture
def golden(bundle, variant):
    return load_golden(bundle, *variant)


@pytest.fixture
def backend(bundle, variant, library, built, golden):
    """Opened as `run` opens it: not before the golden frames came out right."""
    file, plan = bundle.variant(*variant).file, built.path.read_bytes()

    def prove(infer, batch):
        prove_engine(variant[0], golden, infer, batch)

    with TensorRtBackend(library, plan, file, variant[1], built.key.profile[2], prove) as opened:
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
    """Opening the backend proves it, one by one and as a full batch."""
    assert not backend.notes, "it fell back to a smaller batch"


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


def test_the_processor_agrees(bundle, variant, backend, golden, figure):
    """How far the device is from ONNX Runtime on the processor, as a share of each output's greatest value."""
    graph, file = bundle.graph(*variant), bundle.variant(*variant).file
    on_processor = open_onnxruntime(graph, file, variant[1], backend="onnxruntime-cpu")
    given = backend.infer(golden.frames)
    for name, array in on_processor.infer(golden.frames).items():
        scale = max(float(np.abs(array).max()), 1e-6)
        figure(f"{name}_greatest_difference", float(np.abs(given[name] - array).max()) / scale)
    assert (given["probabilities"].argmax(1) == golden.outputs["probabilities"].argmax(1)).all()


def test_the_heat_map_is_the_processors_within_one_grey_level(backend, golden):
    frames = golden.frames[: backend.batch]
    cams = backend.infer(frames)["cams"]
    highs = [max(float(cam[0].max()), 1e-6) for cam in cams]
    drawn = backend.overlays([0] * len(frames), highs)
    for frame, cam, high, picture in zip(frames, cams, highs, drawn, strict=True):
        expected = draw_on_host(frame, cam[0], high)
        assert np.abs(picture.astype(int) - expected.astype(int)).max() <= 1


def test_batches_in_flight_do_not_mix(backend, golden):
    batches = [np.roll(golden.frames, turn, axis=2) for turn in range(6)]
    for frames, outputs in zip(batches, backend.infer_many(batches), strict=True):
        alone = backend.infer(frames)
        assert all(np.array_equal(outputs[name], alone[name]) for name in alone)


def test_a_wrong_engine_is_not_used(bundle, variant, library, built, golden):
    """The golden outputs of one frame are not those of the other."""
    plan, file = built.path.read_bytes(), bundle.variant(*variant).file
    turned = {name: array[::-1] for name, array in golden.outputs.items()}
    wrong = GoldenSet(golden.precision, golden.frames, turned)

    def prove(infer, batch):
        prove_engine(variant[0], wrong, infer, batch)

    with pytest.raises(EngineMismatchError):
        TensorRtBackend(library, plan, file, variant[1], built.key.profile[2], prove)


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
