"""Operations, counted by hand and against torch's own counter."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from leukoscope.bundle.onnx_wire import check_graph
from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.profiler.layers.cost import operations, products
from leukoscope.runtime.profiler.layers.graph import GraphNode, read_network_graph
from leukoscope.runtime.profiler.layers.modules import GRADCAM, module_paths
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.shapes import tensor_facts

REPOSITORY = Path(__file__).resolve().parents[4]


def fact(*shape):
    return TensorFact("float", shape)


@pytest.mark.parametrize(
    ("operator", "data", "weight", "output", "expected"),
    [
        ("Conv", (1, 16, 9, 9), (32, 16, 3, 3), (1, 32, 7, 7), 2 * 32 * 49 * 16 * 9),
        ("Conv", (1, 16, 9, 9), (16, 1, 3, 3), (1, 16, 9, 9), 2 * 16 * 81 * 9),
        ("Conv", (2, 16, 9, 9), (16, 4, 1, 1), (2, 16, 9, 9), 2 * 2 * 16 * 81 * 4),
        ("ConvTranspose", (1, 8, 5, 5), (8, 4, 2, 2), (1, 4, 10, 10), 2 * 8 * 25 * 4 * 4),
        ("MatMul", (5, 7), (7, 3), (5, 3), 2 * 5 * 3 * 7),
        ("MatMul", (2, 4, 5, 7), (7, 3), (2, 4, 5, 3), 2 * 2 * 4 * 5 * 3 * 7),
        ("Gemm", (5, 7), (3, 7), (5, 3), 2 * 5 * 3 * 7),
        ("Gemm", (7, 5), (7, 3), (5, 3), 2 * 5 * 3 * 7),
    ],
)
def test_products(operator, data, weight, output, expected):
    node = GraphNode("n", operator, ("x", "w"), ("y",))
    facts = {"x": fact(*data), "w": fact(*weight), "y": fact(*output)}
    assert operations(node, facts) == products(node, facts) == expected


@pytest.mark.parametrize(
    ("operator", "kernel", "expected"),
    [
        ("MaxPool", (3, 3), 50 * 9), ("AveragePool", (2, 2), 50 * 4), ("GlobalAveragePool", (), 200),
        ("ReduceMean", (), 200), ("Relu", (), 50), ("Add", (), 50), ("Sigmoid", (), 200), ("Transpose", (), 0),
        ("DequantizeLinear", (), 0),
    ],
)  # fmt: skip
def test_the_rest(operator, kernel, expected):
    node = GraphNode("n", operator, ("x",), ("y",), kernel)
    facts = {"x": fact(1, 2, 10, 10), "y": fact(1, 2, 5, 5)}
    assert operations(node, facts) == expected
    assert products(node, facts) == 0


def test_unknown_shapes_count_nothing():
    node = GraphNode("n", "Conv", ("x", "w"), ("y",))
    assert operations(node, {}) == 0
    assert operations(node, {"y": fact(1, 2, 5, 5)}) == 0
    assert operations(GraphNode("n", "Relu", (), ()), {}) == 0


def counted(data, name):
    """Operations in products, without those of the maps' branch, in frames of the graph's own size."""
    side = check_graph(data, name).inputs[0].shape[1]
    graph = read_network_graph(data, name)
    facts = tensor_facts(data, name, graph, np.zeros((1, side, side, 3), np.uint8))
    paths = module_paths(graph)
    return sum(products(node, facts) for node in graph.nodes if paths[node.name] != GRADCAM)


def test_the_shipped_networks_cost_what_torch_counts(ready_bundle):
    """The figures are those of `python benchmarks/network_cost.py 192` and `224`, row `small`, in full."""
    bundle = open_bundle(ready_bundle)
    assert bundle.network("xincept_all").size == bundle.network("sg_cldff").size == "small"
    assert counted(bundle.graph("xincept_all", "fp32"), "xincept_all") == 791_184_512
    # Torch sees one product more, which the graph shares with the maps' branch.
    found = counted(bundle.graph("sg_cldff", "fp32"), "sg_cldff")
    assert found == pytest.approx(1_288_861_952, rel=0.002)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("network", "size", "tolerance"),
    [("xincept_all", "nano", 0), ("xincept_all", "full", 0), ("sg_cldff", "nano", 0.01)],
)
def test_exported_networks_cost_what_torch_counts(network, size, tolerance, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    import torch
    from network_cost import cost

    from leukoscope.models.sizes import build_network

    wanted = f"{network}:{size}"
    command = [
        sys.executable,
        "-m",
        "leukoscope",
        "export",
        "--random-weights",
        wanted,
        "--seed",
        "1",
    ]
    subprocess.run([*command, "-o", str(tmp_path / "made")], check=True, capture_output=True)
    bundle = open_bundle(tmp_path / "made")
    data = bundle.graph(network, "fp32")
    side = check_graph(data, network).inputs[0].shape[1]
    with torch.device("meta"):
        giga, _ = cost(build_network(network, size, input_px=side))
    assert counted(data, network) / 1e9 == pytest.approx(giga, rel=tolerance, abs=1e-9)
    if size == "full":
        assert side == 299 and giga == pytest.approx(29.9, abs=0.1)
