import pytest

from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.report import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\u2014"), (0.97314, "0.9731"), (1.0, "1.0000"), (-0.00001, "0.0000"), (-0.5, "\u22120.5000")],
)  # fmt: skip
def test_fractions(value, text):
    assert numbers.fraction(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\u2014"), (0.0024, "+0.0024"), (-0.0024, "\u22120.0024"), (0.0, "0.0000"), (-1e-9, "0.0000")],
)  # fmt: skip
def test_changes_have_a_sign(value, text):
    assert numbers.change(value) == text


def test_the_rest():
    assert numbers.span(None) == "" and numbers.span(Interval(0.25, 0.5), 2) == "0.25 to 0.50"
    assert numbers.count(12840) == "12\u202f840"
    assert numbers.of_size(12_840_000) == "12.8\u00a0MB" and numbers.of_size(2_500) == "2.5\u00a0kB"
    shown = [numbers.milliseconds(v) for v in (8.314, 88.2, 208.4)]
    assert shown == ["8.31\u00a0ms", "88.2\u00a0ms", "208\u00a0ms"]
    assert numbers.plural(1, "image") == "1 image" and numbers.plural(2, "image") == "2 images"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.1, "0.10"), (0.0343, "0.034"), (1.2e-5, "1.2e-5"), (12.0, "12"), (250.0, "2.5e+02")]
)  # fmt: skip
def test_errors_of_any_size(value, text):
    assert numbers.small(value) == text


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_lists_in_words(names, text):
    assert numbers.listed(names) == text
