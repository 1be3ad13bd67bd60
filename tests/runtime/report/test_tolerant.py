import math

import pytest
from anything import ANYTHING
from hypothesis import given

from leukoscope.runtime.report import tolerant


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (0.5, 0.5), (-1e-9, 0.0), (-1, None), (True, None), ("3", None), (None, None),
     (math.nan, None), (math.inf, None), (10**400, None)],
)  # fmt: skip
def test_numbers(value, number):
    assert tolerant.number_of(value) == number


@given(ANYTHING)
def test_nothing_of_anything_fails(value):
    number = tolerant.number_of(value)
    assert number is None or (math.isfinite(number) and number >= 0)
    assert isinstance(tolerant.text_of(value), str)
    assert all(isinstance(one, str) for one in tolerant.texts_of(value))
    assert all(isinstance(one, dict) for one in tolerant.mappings_of(value))
    assert isinstance(tolerant.mapping_of(value), dict)
    assert all(math.isfinite(one) for one in tolerant.numbers_of(value).values())
    assert isinstance(tolerant.count_of(value), int)


def test_what_is_right_comes_through():
    assert tolerant.texts_of(["a", 1, "b"]) == ("a", "b")
    assert tolerant.mappings_of([{"a": 1}, 2]) == ({"a": 1},)
    assert tolerant.count_of([1, 2]) == 2 and tolerant.count_of(5) == 5
    assert tolerant.numbers_of({"a": 1, "b": "x"}) == {"a": 1.0}
