import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing.exponent import exponent_of


@given(st.floats(-2, 3), st.floats(0.01, 100))
def test_a_power_law_is_found(power, factor):
    sizes = np.array([1, 2, 4, 8, 16.0])
    one = exponent_of(sizes, factor * sizes**power)
    for value in (one.low, one.value, one.high):
        assert value == pytest.approx(power, abs=1e-6)


def test_noise_widens_the_interval_around_it():
    random = np.random.default_rng(1)
    sizes = np.repeat([1, 2, 4, 8.0], 9)
    one = exponent_of(sizes, sizes * random.lognormal(0, 0.1, len(sizes)))
    assert one.low < 1 < one.high
    assert 0.01 < one.high - one.low < 0.2


@pytest.mark.parametrize(
    ("sizes", "costs"), [([2, 2], [1, 1]), ([1, 2], [0, 1]), ([1, 2], [-1, 1]), ([0, 2], [1, 1])]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_has_no_exponent_is_refused(sizes, costs):
    with pytest.raises(ValueError, match="exponent"):
        exponent_of(sizes, costs)
