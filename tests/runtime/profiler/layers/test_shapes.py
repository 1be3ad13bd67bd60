"""Types and shapes of all tensors, found by one run."""

import graph_made
import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers.graph import read_network_graph
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.shapes import tensor_facts


def test_every_tensor_is_known(made_graph, made_facts):
    assert made_facts["frames"] == TensorFact("uint8", (1, 16, 16, 3))
    assert made_facts["a"] == TensorFact("float", (1, 8, 16, 16))
    assert made_facts["c"] == TensorFact("float", (1, 8, 8, 8))
    assert made_facts["head.weight.T"] == TensorFact("float", (8, 4))
    given = {name for node in made_graph.nodes for name in node.outputs}
    assert given <= made_facts.keys()


def test_between_quantizers_the_types_are_those_of_the_file():
    data = graph_made.paired_graph()
    facts = tensor_facts(data, "m", read_network_graph(data, "m"), graph_made.frames(3))
    assert facts["b.quantized"] == TensorFact("int8", (3, 8, 16, 16))
    assert facts["b.dequantized"].dtype == "float"


def test_a_graph_that_does_not_run_is_an_error(made, made_graph):
    with pytest.raises(InputError, match=r"made\.onnx does not run as it is written"):
        tensor_facts(made, "made.onnx", made_graph, graph_made.frames(1)[:, :8])
