"""Layers of a TensorRT engine, as its profiler and its inspector name them, as layers of the network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.backends.tensorrt_layer_times import EngineTimes
from leukoscope.runtime.engines.layers import EngineLayer, Tensor
from leukoscope.runtime.profiler.layers.engine_layers import engine_layers, nodes_of

CONV = "trunk.stage.0.conv/Conv + PWN(trunk.stage.0.relu/Relu)"
CALLS = (
    {CONV: 0.5, "Reformatting CopyNode for Input Tensor 0": 0.1},
    {CONV: 0.4, "trunk.stage.1/MaxPool": 0.2},
)
INSPECTED = EngineLayer(
    CONV,
    "CaskConvolution",
    (Tensor("planes", (-1, 3, 16, 16), "Int8"),),
    (Tensor("w", (8, 3, 3, 3), "Int8"),),
    (Tensor("b", (-1, 8, 16, 16), "Half"),),
    ("trunk.stage.0.conv/Conv", "trunk.stage.0.relu/Relu"),
)


def test_layers_are_named_by_their_nodes(made_graph, made_facts):
    times = EngineTimes(({**CALLS[0], **CALLS[1]},), ())
    layers = {one.name: one for one in engine_layers(times, made_graph, made_facts)}
    assert layers[CONV].nodes == ("trunk.stage.0.conv/Conv", "trunk.stage.0.relu/Relu")
    assert layers[CONV].path == "trunk.stage.0.conv" and layers[CONV].ms == pytest.approx(0.4)
    assert layers[CONV].work.operations == 2 * 8 * 256 * 27 + 8 * 256
    assert layers["Reformatting CopyNode for Input Tensor 0"].module is None
    assert all(one.floor is None for one in layers.values())


def test_what_the_engine_tells_of_types_is_used(made_graph, made_facts):
    (layer,) = engine_layers(EngineTimes(({CONV: 0.4},), (INSPECTED,)), made_graph, made_facts)
    assert layer.operator == "CaskConvolution" and layer.work.int8
    assert layer.work.weight_bytes == 216
    assert layer.work.activation_bytes == 3 * 256 + 2 * 8 * 256


def test_a_name_that_says_nothing_is_no_loss_where_the_engine_tells(made_graph):
    layer = EngineLayer("__myl_1", "kgen", (), (), (), ("head/MatMul", "elsewhere/Conv"))
    assert [node.name for node in nodes_of("__myl_1", layer, made_graph)] == ["head/MatMul"]


def test_the_lower_decile_counts(made_graph, made_facts):
    calls = tuple({CONV: 0.3 + 0.1 * place} for place in range(11))
    (layer,) = engine_layers(EngineTimes(calls, ()), made_graph, made_facts)
    assert layer.ms == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("name", "nodes"),
    [
        ("head/MatMul", ["head/MatMul"]),
        ("{ForeignNode[head/MatMul...Softmax]}", ["head/MatMul", "Softmax"]),
        ("trunk.stage.0.conv/Conv || trunk.stage.2.depthwise/Conv", ["trunk.stage.0.conv/Conv", "trunk.stage.2.depthwise/Conv"]),
        ("__mye123", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_that_tensorrt_makes(name, nodes, made_graph):
    assert [node.name for node in nodes_of(name, None, made_graph)] == nodes


@given(st.text(max_size=60))
def test_no_name_is_too_strange(name):
    from leukoscope.runtime.profiler.layers.graph import NetworkGraph

    assert nodes_of(name, None, NetworkGraph((), {}, frozenset())) == ()
