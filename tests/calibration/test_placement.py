from small_network import network

from leukoscope.calibration.graph_index import index_graph
from leukoscope.calibration.layers import find_layers
from leukoscope.calibration.placement import place, takes_pair


def placed(without=()):
    model = network()
    index = index_graph(model.graph)
    layers = [layer for layer in find_layers(model) if layer.name not in without]
    return index, place(index, layers)


def test_pairs_stand_at_layers_pools_and_joins():
    _, placement = placed()
    assert placement.tensors == (
        *("image", "a", "l", "r", "joined", "wide.out", "pooled", "deep.out", "sum"),
    )


def test_branches_take_the_scale_of_the_join_and_a_pool_that_of_its_input():
    _, placement = placed()
    assert placement.range_of("l") == placement.range_of("r") == "joined"
    assert placement.range_of("pooled") == "wide.out"
    assert placement.range_of("sum") == "sum"


def test_what_the_maps_read_has_no_pair():
    _, placement = placed()
    assert "target" not in placement.tensors and "last.out" not in placement.tensors


def test_the_sum_reads_the_layer_from_its_pair_and_the_skip_of_a_float_layer_as_it_is():
    index, placement = placed()
    add = index.producers["sum"]
    int8 = {layer.name for layer in placement.layers}
    assert takes_pair(add, "deep.out", placement, int8)
    index, placement = placed(without=("left/Conv", "right/Conv"))
    concat = index.producers["joined"]
    int8 = {layer.name for layer in placement.layers}
    assert not takes_pair(concat, "l", placement, int8)


def test_a_returned_layer_reads_and_gives_float():
    index, placement = placed(without=("deep/Conv",))
    int8 = {layer.name for layer in placement.layers}
    assert "deep/Conv" not in int8 and "deep.out" not in placement.tensors
    assert not takes_pair(index.producers["sum"], "deep.out", placement, int8)


def test_the_branches_left_alone_never_read_a_pair():
    index, placement = placed()
    prior = next(node for node in index.graph.node if node.name == "saliency/prior/Conv")
    first = next(node for node in index.graph.node if node.name == "first/Conv")
    int8 = {layer.name for layer in placement.layers}
    assert takes_pair(first, "image", placement, int8)
    assert not takes_pair(prior, "image", placement, int8)


def test_no_layers_no_pairs():
    index = index_graph(network().graph)
    assert place(index, []).tensors == ()


def test_a_returned_layer_reads_float_even_where_all_others_read_the_pair():
    index, placement = placed(without=("wide/Conv",))
    int8 = {layer.name for layer in placement.layers}
    wide = next(node for node in index.graph.node if node.name == "wide/Conv")
    assert not takes_pair(wide, "joined", placement, int8)
