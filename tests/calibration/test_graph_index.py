import onnx
from small_network import network

from leukoscope.calibration.graph_index import index_graph, left_alone


def test_who_makes_and_who_reads_a_tensor():
    index = index_graph(network().graph)
    assert index.producers["joined"].name == "Concat"
    assert [node.name for node in index.readers("a")] == ["left/Conv", "right/Conv"]
    assert index.readers("nobody") == ()
    assert set(index.outputs) == {"probabilities", "cams"}
    assert "head.weight" in index.constants


def test_the_only_reader_is_one_and_not_beside_the_graphs_outputs():
    model = network()
    index = index_graph(model.graph)
    assert index.only_reader("l").name == "Concat"
    assert index.only_reader("a") is None
    model.graph.output[1].name = "l"
    assert index_graph(model.graph).only_reader("l") is None


def test_a_tensor_read_twice_by_one_node_has_one_reader():
    model = network()
    next(n for n in model.graph.node if n.name == "Concat").input[:] = ["l", "l"]
    assert len(index_graph(model.graph).readers("l")) == 1


def test_the_maps_branch_and_the_prior_are_left_alone():
    names = {node.name for node in network().graph.node if left_alone(node)}
    assert names == {"saliency/prior/Conv", "gradcam/Relu"}
    assert left_alone(onnx.helper.make_node("Conv", ["a", "b"], ["c"], "saliency.refine.0/Conv"))
