"""Which nodes run inside a kernel, and what it reads and writes."""

import graph_made

from leukoscope.runtime.profiler.layers.fusion import STEPS_LIMIT, Traffic, group, traffic
from leukoscope.runtime.profiler.layers.graph import GraphNode, NetworkGraph, read_network_graph
from leukoscope.runtime.profiler.layers.shapes import tensor_facts


def names(nodes):
    return {node.name for node in nodes}


def own(graph, *but):
    """Every node its own kernel, but for these."""
    return {node.name: node.name for node in graph.nodes if node.name not in but}


def test_a_convolution_runs_in_the_kernel_of_the_relu_behind_it(made_graph):
    groups = group(made_graph, own(made_graph, "trunk.stage.0.conv/Conv"))
    assert names(groups["trunk.stage.0.relu/Relu"]) == {
        "trunk.stage.0.conv/Conv",
        "trunk.stage.0.relu/Relu",
    }


def test_a_relu_runs_in_the_kernel_before_it(made_graph):
    groups = group(made_graph, own(made_graph, "trunk.stage.0.relu/Relu"))
    assert "trunk.stage.0.relu/Relu" in names(groups["trunk.stage.0.conv/Conv"])


def test_an_addition_goes_to_the_convolution_not_to_the_pool():
    graph = NetworkGraph(
        (
            GraphNode("p", "MaxPool", ("x",), ("a",)),
            GraphNode("c", "Conv", ("x", "w"), ("b",)),
            GraphNode("s", "Add", ("a", "b"), ("y",)),
        ),
        {},
        frozenset({"y"}),
    )
    assert names(group(graph, {"p": "p", "c": "c"})["c"]) == {"c", "s"}


def test_quantizers_go_into_the_kernels_beside_them():
    graph = read_network_graph(graph_made.paired_graph(), "m")
    kernels = {
        "trunk.stage.0.conv/Conv": "q",
        "ReduceMean": "r",
        "gradcam/Relu": "g",
        "planes/QuantizeLinear": "p",
    }
    groups = group(graph, kernels)
    assert names(groups["q"]) == {
        "planes/DequantizeLinear", "trunk.stage.0.conv.weight/DequantizeLinear", "trunk.stage.0.conv/Conv",
        "trunk.stage.0.relu/Relu", "b/QuantizeLinear",
    }  # fmt: skip
    # Each of the two readers has a copy of the quantizer's other half.
    assert "b/DequantizeLinear" in names(groups["r"]) & names(groups["g"])


def test_traffic_is_what_crosses_the_border(made_graph, made_facts):
    groups = group(made_graph, own(made_graph, "trunk.stage.0.conv/Conv"))
    found = traffic(groups["trunk.stage.0.relu/Relu"], made_graph, made_facts)
    assert found == Traffic(weight_bytes=4 * 8 * 27, activation_bytes=4 * (3 + 8) * 256)


def test_a_kernel_of_bytes_moves_bytes():
    data = graph_made.paired_graph()
    graph = read_network_graph(data, "m")
    facts = tensor_facts(data, "m", graph, graph_made.frames(1))
    kernels = {
        "trunk.stage.0.conv/Conv": "q",
        "ReduceMean": "r",
        "gradcam/Relu": "g",
        "planes/QuantizeLinear": "p",
    }
    found = traffic(group(graph, kernels)["q"], graph, facts)
    assert found.activation_bytes == (3 + 8) * 256
    assert (
        found.weight_bytes == 216 + 4 * 8 + 4 + 1
    )  # weights, their scales, and the pair's scale and zero


def test_an_output_of_the_graph_is_written_even_if_nobody_reads_it(made_graph, made_facts):
    found = traffic([made_graph.by_name["gradcam/Relu"]], made_graph, made_facts)
    assert found == Traffic(0, 2 * 4 * 8 * 64)


def test_nodes_far_from_any_kernel_are_in_none():
    count = STEPS_LIMIT + 2
    nodes = tuple(GraphNode(f"n{i}", "Reshape", (f"t{i}",), (f"t{i + 1}",)) for i in range(count))
    graph = NetworkGraph(nodes, {}, frozenset())
    found = names(group(graph, {f"n{count - 1}": "k"})["k"])
    assert found == {f"n{i}" for i in range(1, count)}
