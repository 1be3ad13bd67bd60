from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field, cell_engine, cell_reading, result_of

from leukoscope.runtime.viewer.kept import KEPT, KeptField, Shelf


def test_only_the_newest_are_held_with_their_numbers():
    shelf = Shelf()
    assert shelf.newest is None and shelf.numbers == frozenset()
    results = [result_of(blob_field(index=index)) for index in range(KEPT + 3)]
    for tick, one in enumerate(results):
        shelf.add(one, tick)
    assert shelf.numbers == {4, 5, 6, 7} and shelf.newest.number == 7
    assert shelf.get(7).result is results[6] and shelf.get(7).shown_tick_ns == 6
    assert shelf.get(3) is None and shelf.get(8) is None


@pytest.fixture
def kept(result):
    return KeptField(1, result, 0)


def with_feature_maps(result):
    reading = result.readings["xincept_all"]
    arrays = {**reading.arrays, "feature_maps": np.ones((8, 6, 6), np.float32)}
    return replace(result, readings={"xincept_all": replace(reading, arrays=arrays)})


def test_both_maps_are_offered_where_trees_vote_and_the_graph_gives_what_they_need(kept, result):
    trees = object()
    assert kept.map_network == "xincept_all" and kept.classes == ("Benign", "Early", "Pre", "Pro")
    assert kept.methods(None) == ("gradcam",)
    assert kept.methods(trees) == ("gradcam",)  # an old graph without feature maps
    whole = KeptField(1, with_feature_maps(result), 0)
    assert whole.methods(trees) == ("gradcam", "trees") and whole.methods(None) == ("gradcam",)


def test_without_xincept_all_the_other_network_s_maps_are_offered(result):
    frame, engine = blob_field(), cell_engine()
    readings = cell_reading(frame, engine).readings
    evidence = replace(result.evidence, network="sg_cldff")
    only = KeptField(1, replace(result, readings=readings, vote=None, evidence=evidence), 0)
    assert only.classes == engine.classes and only.methods(object()) == ("gradcam",)


def test_without_evidence_there_is_no_map(result):
    none = KeptField(1, replace(result, evidence=None), 0)
    assert (none.map_network, none.classes, none.methods(object())) == (None, (), ())
