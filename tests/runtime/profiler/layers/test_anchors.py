"""Kernels of ONNX Runtime and the nodes that they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.layers.anchors import find_anchor
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph

GRAPH = NetworkGraph(
    nodes=(
        GraphNode("stem/Conv", "Conv", ("x", "w"), ("getitem",)),
        GraphNode("stem/Relu", "Relu", ("getitem",), ("relu",)),
        GraphNode("lift/MatMul_2", "MatMul", ("relu", "m"), ("matmul_2",)),
        GraphNode("cat/DequantizeLinear", "DequantizeLinear", ("cat",), ("cat.dequantized",)),
        GraphNode("Transpose", "Transpose", ("matmul_2",), ("t",)),
    ),
    constants={},
    outputs=frozenset({"t"}),
)


@pytest.mark.parametrize(
    ("kernel", "node"),
    [
        ("stem/Conv", "stem/Conv"),
        ("stem/Conv_token_68", "stem/Conv"),
        ("relu_nchwc", "stem/Relu"),
        ("getitem_nchwc", "stem/Conv"),
        ("lift/MatMul_2/MatmulTransposeFusion/", "lift/MatMul_2"),
        ("lift/MatMul_2/MatMulScaleFusion/", "lift/MatMul_2"),
        ("cat/DequantizeLinear/duplicated", "cat/DequantizeLinear"),
        ("cat/DequantizeLinear/duplicated_token_33", "cat/DequantizeLinear"),
        ("Transpose", "Transpose"),
    ],
)
def test_names_that_onnxruntime_makes(kernel, node):
    assert find_anchor(kernel, GRAPH).name == node


@pytest.mark.parametrize("kernel", ["ReorderOutput", "ReorderInput_token_217", "Transpose_token_674", "", "_nchwc", "/"])  # fmt: skip
def test_what_is_nobodys(kernel):
    assert find_anchor(kernel, GRAPH) is None


@given(
    st.text(max_size=40),
    st.lists(st.sampled_from(["_token_1", "/duplicated", "_nchwc", "/", "/aFusion/"])),
)
def test_no_name_is_too_strange(name, endings):
    find_anchor(name + "".join(endings), GRAPH)
    assert find_anchor("stem/Conv" + "".join(endings), GRAPH).name == "stem/Conv"
