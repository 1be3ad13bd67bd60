import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from toy_bundle import toy_graph

from leukoscope.bundle.int8_form import fast_int8_form
from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.backends import onnxruntime as backend
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime


@pytest.fixture(scope="module")
def graph():
    return toy_graph("xincept_all")


def frames(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 255, (count, 96, 96, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 5])
def test_any_batch_gives_every_output_as_onnx_runtime_does(graph, count):
    opened = open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cpu", threads=1)
    got = opened.infer(frames(count))
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    expected = dict(
        zip(
            [output.name for output in session.get_outputs()],
            session.run(None, {"frames": frames(count)}),
            strict=True,
        )
    )
    assert set(got) == set(expected) == {"probabilities", "cams", "features", "feature_maps"}
    for name, array in got.items():
        assert array.dtype == np.float32 and len(array) == count
        np.testing.assert_allclose(array, expected[name], atol=1e-6)


def test_frames_need_not_be_contiguous(graph):
    opened = open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cpu")
    flipped = frames(2)[:, ::-1]
    np.testing.assert_array_equal(
        opened.infer(flipped)["features"], opened.infer(flipped.copy())["features"]
    )


def test_auto_takes_the_cpu_where_cuda_is_missing(graph, monkeypatch):
    monkeypatch.setattr(backend, "has_cuda", lambda: False)
    assert open_onnxruntime(graph, "toy.onnx", "fp32").name == "onnxruntime-cpu"


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_auto_falls_back_where_cuda_is_built_in_but_does_not_start(graph, monkeypatch):
    monkeypatch.setattr(backend, "has_cuda", lambda: True)
    assert open_onnxruntime(graph, "toy.onnx", "fp32").name == "onnxruntime-cpu"


def test_cuda_that_is_asked_for_and_missing_is_a_machine_error_with_the_command(graph):
    if backend.has_cuda():
        pytest.skip("cuda: this ONNX Runtime has it; to run it: use the CPU build")
    with pytest.raises(MachineError, match="onnxruntime-gpu"):
        open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cuda")


@pytest.mark.parametrize(
    "data", [b"", b"no model", b"\x08\x0a" * 50], ids=["empty", "text", "wire"]
)
def test_a_model_that_is_not_taken_is_named_in_one_line(data):
    with pytest.raises(InputError, match=r"toy\.onnx") as caught:
        open_onnxruntime(data, "toy.onnx", "fp32", backend="onnxruntime-cpu")
    assert "\n" not in str(caught.value)


def test_frames_that_do_not_fit_are_named_with_their_shape(graph):
    opened = open_onnxruntime(graph, "toy.onnx", "fp32", backend="onnxruntime-cpu")
    with pytest.raises(InputError, match=r"\[1, 48, 96, 3\] uint8"):
        opened.infer(np.zeros((1, 48, 96, 3), np.uint8))


def graph_that_fails_when_it_runs() -> bytes:
    """Reshapes whatever comes to 7 x 7."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [7, 7])
    frames = helper.make_tensor_value_info("frames", TensorProto.UINT8, ["B", 96, 96, 3])
    out = helper.make_tensor_value_info("out", TensorProto.UINT8, [7, 7])
    node = helper.make_node("Reshape", ["frames", "shape"], ["out"])
    graph = helper.make_graph([node], "g", [frames], [out], [shape])
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def test_onnx_runtime_itself_says_nothing(tmp_path):
    """Its own lines go to the file descriptor, past Python: only another process shows them."""
    (tmp_path / "toy.onnx").write_bytes(graph_that_fails_when_it_runs())
    code = (
        "import sys, numpy as np\nfrom leukoscope.errors import InputError\n"
        "from leukoscope.runtime.backends.onnxruntime import open_onnxruntime\n"
        f"data = open({str(tmp_path / 'toy.onnx')!r}, 'rb').read()\n"
        "b = open_onnxruntime(data, 'toy', 'fp32')\n"
        "for x in (data[:100], b'junk'):\n"
        "    try: open_onnxruntime(x, 'toy', 'fp32')\n"
        "    except InputError: pass\n"
        "for side in (8, 96):\n"
        "    try: b.infer(np.zeros((1, side, side, 3), np.uint8))\n"
        "    except InputError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_threads_default_to_the_cores_of_this_process(graph, monkeypatch):
    counts = []

    def spy(graph, file, provider, threads, entries, profile_to):
        counts.append(threads)
        raise InputError("stop")

    monkeypatch.setattr(backend, "_open_session", spy)
    for threads in (None, 3):
        with pytest.raises(InputError, match="stop"):
            open_onnxruntime(graph, "t", "fp32", backend="onnxruntime-cpu", threads=threads)
    assert counts == [backend.available_cores(), 3]


def paired_graph(precision):
    """frames -> a conv between pairs -> probabilities and cams, in the rest type of the precision."""
    from leukoscope.calibration.half import to_half
    from leukoscope.calibration.layers import find_layers
    from leukoscope.calibration.qdq import quantize

    def node(operator, inputs, output, **attributes):
        return helper.make_node(operator, inputs.split(), [output], output, **attributes)

    rng = np.random.default_rng(4)
    weights = {
        "byte": np.float32(1 / 255),
        "plane": np.array([2, 3]),
        "w": rng.normal(0, 0.3, (8, 3, 3, 3)).astype(np.float32),
        "v": rng.normal(0, 0.3, (8, 8, 3, 3)).astype(np.float32),
        "b": rng.normal(0, 0.1, 8).astype(np.float32),
    }
    nodes = [
        node("Cast", "frames", "wide", to=TensorProto.FLOAT),
        node("Transpose", "wide", "planes", perm=[0, 3, 1, 2]),
        node("Mul", "planes byte", "image"),
        node("Conv", "image w b", "first", pads=[1] * 4),
        node("Relu", "first", "a"),
        node("Conv", "a v b", "second", pads=[1] * 4),
        node("Relu", "second", "c"),
        node("Conv", "c v b", "cams", pads=[1] * 4),
        node("ReduceMean", "cams plane", "mean", keepdims=0),
        node("Softmax", "mean", "probabilities", axis=1),
    ]
    ports = {"probabilities": ["B", 8], "cams": ["B", 8, 16, 16]}
    graph = helper.make_graph(
        nodes,
        "paired",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, ["B", 16, 16, 3])],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in ports.items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    if precision == "fp32":
        return model.SerializeToString()
    ranges = dict.fromkeys(("image", "a", "c", "first", "second"), 16.0)
    int8 = quantize(model, find_layers(model), ranges)
    return (int8 if precision == "int8" else to_half(int8)).SerializeToString()


@pytest.mark.parametrize("precision", ["int8", "int8_fp16"])
def test_quantized_graphs_come_out_near_the_float_graph(precision):
    """int8_fp16 came out as noise where ONNX Runtime was left to its rewritings."""
    shown = np.random.default_rng(1).integers(0, 255, (2, 16, 16, 3), np.uint8)
    mine, theirs = (
        open_onnxruntime(paired_graph(name), f"{name}.onnx", name, backend="onnxruntime-cpu").infer(
            shown
        )
        for name in ("fp32", precision)
    )
    assert np.abs(mine["cams"] - theirs["cams"]).max() < 0.1 * np.abs(mine["cams"]).max()


def test_int8_is_given_in_the_form_that_is_fast_where_the_processor_multiplies_bytes(monkeypatch):
    given = []

    def opened(graph, *rest):
        given.append(graph)
        return original(graph, *rest)

    original = backend._open_session
    monkeypatch.setattr(backend, "_open_session", opened)
    graph = paired_graph("int8")
    for fast in (True, False):
        monkeypatch.setattr(backend, "multiplies_bytes", lambda fast=fast: fast)
        open_onnxruntime(graph, "g", "int8", backend="onnxruntime-cpu")
    assert given[0] == fast_int8_form(graph, "g") != graph and given[1] == graph


def test_kernel_times_are_written_where_they_are_asked_for(graph, tmp_path):
    frames = np.zeros((1, 96, 96, 3), np.uint8)
    made = backend.OnnxRuntimeBackend(
        graph, "toy.onnx", "fp32", backend.CPU, 1, profile_to=tmp_path / "kernels"
    )
    made.infer(frames)
    file = made.end_profile()
    assert file.parent == tmp_path and "kernel_time" in file.read_text()
