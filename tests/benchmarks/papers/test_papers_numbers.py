import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.papers.f1 import f1_by_label, with_f1
from benchmarks.papers.mask_cell import dice_of
from benchmarks.papers.numbers import difference, number_range, spread


def test_spread():
    assert spread([]) == "-"
    assert spread([0.5]) == "0.500"
    assert spread([0.1, 0.2, 0.3]) == "0.200 (0.100..0.300, sd 0.100)"


def test_differences_are_taken_seed_by_seed():
    assert difference({1: 0.5, 2: 0.9}, {2: 0.8, 3: 0.1}) == "+0.100 (1 of 1)"
    assert difference({1: 0.5, 2: 0.9, 3: 0.2}, {1: 0.6, 2: 0.8, 3: 0.5}) == "-0.100 (2 of 3)"
    assert difference({1: 0.5}, {2: 0.8}) == "-"
    assert difference({1: 0.5}, {1: 0.5}) == "+0.000 (0 of 1)"


def test_number_range():
    assert number_range([61.2, 93.8]) == "61..94"
    assert number_range([8, 8]) == "8"


def test_f1_of_a_known_confusion():
    confusion = {"a": {"a": 8, "b": 2}, "b": {"a": 4, "b": 6, "c": 0}}
    # a: 8 hits of 10, 12 given; b: 6 hits of 10, 8 given.
    assert f1_by_label(confusion) == {"a": 0.7273, "b": 0.6667}
    assert with_f1({"confusion": confusion})["f1_macro"] == pytest.approx(0.697, abs=1e-4)


def test_f1_of_a_label_that_is_never_found_is_nought():
    assert f1_by_label({"a": {"b": 3}}) == {"a": 0.0}


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_dice_is_that_of_the_same_pixels(both, only_found, only_wanted):
    either = both + only_found + only_wanted
    if not either:
        assert dice_of(None) is None
        return
    wanted = 2 * both / (2 * both + only_found + only_wanted)
    assert dice_of(both / either) == pytest.approx(wanted, abs=1e-4)
