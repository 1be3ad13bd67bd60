"""What a study tells of itself."""

import json

import pytest

from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import COMPUTE, Floor, LayerTime, Work, by_module


def study(layers, ms, floor_ms):
    return LayerStudy(
        "x", "fp32", "b", 8, 3, layers, by_module(layers), Peaks(1), ms, floor_ms, ("why",)
    )


def layers():
    work = Work(10, 2, 3, False)
    return (
        LayerTime("a", "Conv", "m", "m.0", ("n",), 3.0, work, Floor(2.0, COMPUTE)),
        LayerTime("b", "Reorder", None, None, (), 1.0, None, None),
    )


def test_shares_and_distances():
    found = study(layers(), 5.0, 2.0)
    assert found.layers_ms == 4.0 and found.between_ms == 1.0
    assert found.unmapped_share == 0.25 and found.distance == 2.5


def test_layers_that_overlap_leave_nothing_between():
    assert study(layers(), 3.5, 2.0).between_ms == 0.0


def test_an_empty_study_knows_nothing():
    found = study((), None, None)
    assert found.between_ms is found.distance is found.unmapped_share is None


@pytest.mark.parametrize("one", [study(layers(), 5.0, 2.0), study((), None, None)])
def test_json_is_plain(one):
    told = json.loads(json.dumps(one.to_json(), allow_nan=False))
    assert told["schema"] == 1 and told["notes"] == ["why"]
    assert set(told) == {
        "schema", "network", "precision", "backend", "input_px", "calls", "ms", "floor_ms", "distance", "between_ms",
        "unmapped_share", "peaks", "modules", "layers", "notes",
    }  # fmt: skip
