import importlib.util
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from toy_bundle import toy_graph

from leukoscope.errors import InputError
from leukoscope.runtime.backends.tensorrt_bindings import read_bindings
from leukoscope.runtime.engines.library import Library

STAND_IN = Path(__file__).resolve().parent / "stand_in_engine" / "tensorrt.py"


@pytest.fixture(scope="module")
def trt():
    """The stand-in under a name that hides no real TensorRT."""
    spec = importlib.util.spec_from_file_location("stand_in_tensorrt", STAND_IN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._has_context = lambda: False  # there is no driver
    return module


def read(trt, graph, **settings):
    class Silent(trt.ILogger):
        def log(self, severity, text):
            raise AssertionError(text)

    engine = trt.Runtime(Silent()).deserialize_cuda_engine(trt._plan_of(graph, **settings))
    context = engine.create_execution_context(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
    return read_bindings(Library(trt, "tensorrt", "10.3.0"), engine, context, "toy.fp32.onnx")


def test_names_types_shapes_and_batch_sizes(trt):
    bindings = read(trt, toy_graph("xincept_all"), profile=(1, 2, 6))
    assert (bindings.least, bindings.greatest) == (1, 6)
    assert (bindings.frames.shape(5), bindings.frames.dtype) == ((5, 96, 96, 3), np.uint8)
    shapes = {tensor.name: tensor.sides for tensor in bindings.outputs}
    assert shapes == {
        "probabilities": (4,),
        "cams": (4, 12, 12),
        "features": (8,),
        "feature_maps": (8, 12, 12),
    }
    cams = bindings.outputs[list(shapes).index("cams")]
    assert cams.size_bytes(3) == 3 * 4 * 12 * 12 * 4
    assert {n: a.shape for n, a in bindings.nothing().items()} == {
        name: (0, *sides) for name, sides in shapes.items()
    }


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (np.zeros((1, 96, 96, 3), np.float32), r"\[1, 96, 96, 3\] float32.*uint8"),
        (np.zeros((1, 64, 96, 3), np.uint8), r"\[1, 64, 96, 3\]"),
        (np.zeros((96, 96, 3), np.uint8), r"\[B, 96, 96, 3\]"),
        (np.zeros((), np.uint8), r"frames \[\]"),
    ],
)
def test_frames_that_do_not_fit_are_named_with_their_shape(trt, frames, words):
    with pytest.raises(InputError, match=words):
        read(trt, toy_graph("xincept_all")).check(frames, "toy.fp32.onnx")


def one_node(name="frames", kind=TensorProto.UINT8, to=TensorProto.FLOAT, out=("B", 8), **cast):
    """A graph of one cast."""
    node = helper.make_node("Cast", [name], ["out"], to=to)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(name, kind, ["B", 8])],
        [helper.make_tensor_value_info("out", to, list(out))],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def test_half_outputs_are_taken(trt):
    bindings = read(trt, one_node(to=TensorProto.FLOAT16))
    assert bindings.outputs[0].dtype == np.float16
    assert bindings.nothing()["out"].dtype == np.float32


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (one_node("images"), "takes images; wanted frames"),
        (one_node(kind=TensorProto.FLOAT), "has frames of type"),
    ],
)
def test_an_engine_that_is_none_of_ours_is_refused(trt, graph, words):
    with pytest.raises(InputError, match=words) as told:
        read(trt, graph)
    assert "leukoscope build" in str(told.value)


def test_a_side_that_is_not_fixed_is_refused(trt, monkeypatch):
    real = trt.IExecutionContext.get_tensor_shape
    monkeypatch.setattr(
        trt.IExecutionContext,
        "get_tensor_shape",
        lambda self, name: (4, -1) if name == "cams" else real(self, name),
    )
    with pytest.raises(InputError, match=r"cams \[4, -1\] for a batch of 4"):
        read(trt, toy_graph("xincept_all"))
