from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.metrics.mcnemar import mcnemar


@pytest.mark.parametrize(
    ("losses", "gains", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # 2 * 1/2
        (2, 0, 0.5),  # 2 * 1/4
        (5, 0, 0.0625),  # 2 * 1/32
        (6, 0, 0.03125),  # the first that is under .05
        (6, 2, 0.2890625),  # 2 * (1 + 8 + 28) / 256
        (2, 6, 0.2890625),
        (10, 1, 0.01171875),  # 2 * (1 + 11) / 2048
        (3, 3, 1.0),  # 2 * 42/64 is cut at 1
    ],
)
def test_by_hand(losses, gains, p):
    assert mcnemar(losses, gains) == pytest.approx(p, rel=1e-12)


@given(st.integers(0, 60), st.integers(0, 60))
def test_it_is_the_binomial_tail_in_whole_numbers(losses, gains):
    count = losses + gains
    tail = sum(comb(count, k) for k in range(min(losses, gains) + 1))
    assert mcnemar(losses, gains) == pytest.approx(
        float(min(Fraction(1), Fraction(2 * tail, 2**count))), rel=1e-10
    )


def test_thousands_of_images_neither_overflow_nor_vanish():
    assert mcnemar(5000, 5000) == 1.0
    assert 0 < mcnemar(2100, 1900) < 0.01 and mcnemar(10_000, 0) >= 0


def test_negative_counts_are_a_mistake():
    with pytest.raises(ValueError, match="-1"):
        mcnemar(-1, 3)
