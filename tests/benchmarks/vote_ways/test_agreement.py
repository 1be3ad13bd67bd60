from types import SimpleNamespace

import numpy as np
import pytest
from vote_ways.agreement import agreements
from vote_ways.answer import Answer

HEAT = np.random.default_rng(1).random((8, 8), np.float32)
CASE = SimpleNamespace(frames=np.arange(4))


def way(voted=1, probability=0.9, heat=HEAT):
    row = np.array([1 - probability, probability], np.float32)
    return lambda frame: Answer(voted, row, heat)


def test_the_same_agrees():
    one = agreements({"a": way(), "b": way()}, CASE, "a")["b"]
    assert (one.same_votes, one.frames) == (4, 4)
    assert one.probability_error == one.map_error == 0
    assert one.map_correlation == pytest.approx(1)


def test_the_greatest_difference_counts():
    other = HEAT.copy()
    other[3, 3] += 0.25
    one = agreements({"a": way(), "b": way(probability=0.8, heat=other)}, CASE, "a")["b"]
    assert one.map_error == pytest.approx(0.25)
    assert one.probability_error == pytest.approx(0.1, abs=1e-6)
    assert one.map_correlation < 1


def test_maps_of_other_votes_are_not_compared():
    one = agreements({"a": way(), "b": way(voted=0)}, CASE, "a")["b"]
    assert one.same_votes == 0
    assert one.map_error == 1
