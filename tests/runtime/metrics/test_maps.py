import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from leukoscope.runtime.metrics.maps import (
    average_ranks,
    energy_share,
    rank_agreement,
    top_overlap,
)

MAP = arrays(np.float32, (5, 4), elements=st.integers(0, 6).map(float))


@given(MAP, MAP)
def test_rank_agreement_is_spearmans_rho_with_average_ranks(a, b):
    got = rank_agreement(a, b)
    if np.ptp(a) and np.ptp(b):
        assert got == pytest.approx(stats.spearmanr(a.ravel(), b.ravel()).statistic, abs=1e-12)
    else:
        assert got == float(not np.ptp(a) and not np.ptp(b))


@given(MAP)
def test_ranks_are_those_of_scipy(a):
    assert np.array_equal(average_ranks(a), stats.rankdata(a.ravel(), method="average"))


@given(MAP, MAP)
def test_top_overlap_counts_the_highest_positions(a, b):
    def top(values):
        order = sorted(range(values.size), key=lambda i: (-values.ravel()[i], i))
        return set(order[: math.ceil(0.1 * values.size)])

    if np.ptp(a) and np.ptp(b):
        assert top_overlap(a, b) == len(top(a) & top(b)) / 2
    else:
        assert top_overlap(a, b) == float(not np.ptp(a) and not np.ptp(b))


def test_a_map_agrees_with_itself_and_not_with_its_opposite():
    a = np.random.default_rng(0).normal(size=(17, 17)).astype(np.float32)
    assert rank_agreement(a, a) == 1.0
    assert top_overlap(a, a) == 1.0
    assert rank_agreement(a, -a) == -1.0
    assert top_overlap(a, -a) == 0.0


def test_a_map_of_one_value_agrees_only_with_another_such():
    flat, still, steep = np.zeros((3, 3)), np.full((3, 3), 7.0), np.arange(9.0).reshape(3, 3)
    assert rank_agreement(flat, still) == 1.0
    assert rank_agreement(flat, steep) == rank_agreement(steep, still) == 0.0


def test_energy_share():
    energy = np.array([[1.0, 3.0], [0.0, 4.0]], np.float32)
    region = np.array([[False, True], [True, False]])
    assert energy_share(energy, region) == pytest.approx(3 / 8)
    assert energy_share(np.zeros((2, 2), np.float32), region) is None
    assert energy_share(energy, np.ones((2, 2), bool)) == 1.0
