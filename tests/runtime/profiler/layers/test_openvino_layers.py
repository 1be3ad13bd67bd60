"""OpenVINO's kernels as layers of the network."""

import graph_made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.profiler.layers.graph import NetworkGraph, read_network_graph
from leukoscope.runtime.profiler.layers.openvino_layers import named_nodes, openvino_layers
from leukoscope.runtime.profiler.layers.openvino_times import (
    OpenVinoKernel,
    OpenVinoTimes,
    time_openvino,
)
from leukoscope.runtime.profiler.layers.shapes import tensor_facts

CONV = OpenVinoKernel(
    "trunk.stage.0.conv/Conv",
    "Convolution",
    "brgconv_avx512_I8",
    ("trunk.stage.0.conv/Conv", "b"),
    2.0,
)
KERNELS = (
    OpenVinoKernel("Transpose_original", "Transpose", "jit_uni_I8", ("Transpose_original",), 0.1),
    CONV,
    OpenVinoKernel(
        "trunk.stage.1/MaxPool", "MaxPool", "jit_avx512_i8", ("trunk.stage.1/MaxPool",), 0.5
    ),
    OpenVinoKernel("c_abcd_acdb_d", "Reorder", "jit_uni_f32", (), 0.2),
)


@pytest.fixture
def layers(made_graph, made_facts, peaks):
    return openvino_layers(OpenVinoTimes(KERNELS, 3.0, 4), made_graph, made_facts, peaks)


def test_a_kernel_has_the_nodes_that_openvino_names_by_node_or_tensor(layers):
    conv = layers[1]
    assert set(conv.nodes) >= {"trunk.stage.0.conv/Conv", "trunk.stage.0.relu/Relu"}
    assert (conv.path, conv.module, conv.operator, conv.ms) == (
        "trunk.stage.0.conv",
        "trunk",
        "Convolution",
        2.0,
    )
    assert conv.work.int8 and conv.work.operations == 2 * 8 * 256 * 27 + 8 * 256
    assert conv.floor is not None


def test_what_only_moves_bytes_is_held_to_no_peak_of_products(layers):
    assert not layers[2].work.int8 and layers[2].path == "trunk.stage.1"


def test_kernels_of_nobody_have_no_module(layers):
    assert [one.module for one in layers] == [None, "trunk", "trunk", None]


@pytest.mark.parametrize("make", [graph_made.float_graph, graph_made.paired_graph])
def test_no_operation_of_a_network_that_runs_is_lost(make, peaks):
    pytest.importorskip(
        "openvino", reason="openvino: not installed; to run it: pip install 'leukoscope[openvino]'"
    )
    data = make()
    graph = read_network_graph(data, "m")
    facts = tensor_facts(data, "m", graph, graph_made.frames(1))
    layers = openvino_layers(
        time_openvino(data, "m", graph_made.frames(), 1, 2), graph, facts, peaks
    )
    inside = {name for one in layers for name in one.nodes}
    assert {"trunk.stage.0.conv/Conv", "trunk.stage.0.relu/Relu", "head/MatMul"} <= inside


@given(st.lists(st.text(max_size=6), max_size=4))
def test_no_name_is_too_strange(names):
    kernel = OpenVinoKernel("k", "t", "p", tuple(names), 1.0)
    assert named_nodes(kernel, NetworkGraph((), {}, frozenset())) == ()
