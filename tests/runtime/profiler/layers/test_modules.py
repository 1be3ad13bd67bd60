"""The modules that nodes belong to."""

import graph_made
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph, read_network_graph
from leukoscope.runtime.profiler.layers.modules import PARTS_FROM, module_names, module_paths


def test_paths_are_the_exporters(made_graph):
    paths = module_paths(made_graph)
    assert paths["trunk.stage.2.depthwise/Conv"] == "trunk.stage.2.depthwise"
    assert (paths["Cast"], paths["Transpose"]) == ("input", "input")
    assert (paths["ReduceMean"], paths["Softmax"]) == ("network", "network")
    assert (paths["gradcam/Relu"], paths["head/MatMul"]) == ("gradcam", "head")


def test_quantizers_belong_to_what_they_quantize():
    paths = module_paths(read_network_graph(graph_made.paired_graph(), "m"))
    assert paths["trunk.stage.0.conv.weight/DequantizeLinear"] == "trunk.stage.0.conv"
    assert paths["b/QuantizeLinear"] == paths["b/DequantizeLinear"] == "trunk.stage.0.relu"
    assert paths["planes/QuantizeLinear"] == "input"
    assert paths["trunk.stage.0.conv/Conv"] == "trunk.stage.0.conv"


def chain(count):
    nodes = tuple(
        GraphNode(f"body.{i % 2}.{i}/Conv", "Conv", (f"t{i}", "w"), (f"t{i + 1}",))
        for i in range(count)
    )
    return NetworkGraph(nodes, {}, frozenset({f"t{count}"}))


def test_a_large_module_is_shown_by_its_parts():
    for count, expected in ((PARTS_FROM, {"body"}), (PARTS_FROM + 1, {"body.0", "body.1"})):
        graph = chain(count)
        assert set(module_names(graph, module_paths(graph)).values()) == expected


def test_the_shipped_networks(ready_bundle):
    bundle = open_bundle(ready_bundle)
    found = {}
    for network in ("xincept_all", "sg_cldff"):
        graph = read_network_graph(bundle.graph(network, "fp32"), network)
        found[network] = set(module_names(graph, module_paths(graph)).values())
    assert found["xincept_all"] == {
        "input", "network", "gradcam", "inception.stem", "inception.fine", "inception.middle", "inception.coarse",
        "xception.stem", "xception.entry", "xception.middle", "xception.reduce", "xception.final", "fuse_middle",
        "fuse_last", "lift", "join", "head",
    }  # fmt: skip
    assert {"saliency", "backbone.stages", "decoder", "evidence", "neck.levels"} <= found[
        "sg_cldff"
    ]


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=3), st.text(max_size=3)), max_size=6)
)
def test_no_names_break_it(triples):
    nodes = tuple(GraphNode(name, "Relu", (a,), (b,)) for name, a, b in triples)
    graph = NetworkGraph(nodes, {}, frozenset())
    paths = module_paths(graph)
    assert paths.keys() == {node.name for node in nodes} and all(paths.values())
    assert module_names(graph, paths).keys() == set(paths.values())
