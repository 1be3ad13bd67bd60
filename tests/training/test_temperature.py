import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.training.temperature import HIGHEST, LOWEST, fit_temperature, log_loss


def overconfident(seed, factor, count=300):
    """Margins `factor` times too large: the right temperature is `factor`."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (count, 4))
    shares = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    truth = np.array([rng.choice(4, p=row) for row in shares])
    return (honest * factor).astype(np.float32), truth


@given(st.integers(0, 500), st.floats(0.4, 3))
@settings(max_examples=30, deadline=None)
def test_no_temperature_of_a_fine_grid_is_better(seed, factor):
    margins, truth = overconfident(seed, factor)
    found = fit_temperature(margins, truth)
    best = min(log_loss(margins / t, truth) for t in np.geomspace(LOWEST, HIGHEST, 200))
    assert log_loss(margins / found, truth) <= best + 2e-3
    assert log_loss(margins / found, truth) <= log_loss(margins, truth) + 2e-3


def test_the_loss_falls_where_margins_are_overconfident():
    margins, truth = overconfident(1, 3.0)
    found = fit_temperature(margins, truth)
    assert found == pytest.approx(3.0, rel=0.2)
    assert log_loss(margins / found, truth) < log_loss(margins, truth) - 0.1


def test_bounds_hold_for_a_perfect_classifier_and_nothing_is_fitted_to_nothing():
    perfect = 0.1 * np.eye(3, dtype=np.float32)[[0, 1, 2]]
    assert LOWEST <= fit_temperature(perfect, np.arange(3)) < LOWEST * 1.01
    assert fit_temperature(np.empty((0, 3), np.float32), np.empty(0, np.int64)) == 1.0


def test_log_loss_against_a_loop_and_without_overflow():
    margins = np.array([[1.0, 2.0], [900.0, -900.0]], np.float32)
    by_hand = -np.log(np.exp(1) / (np.exp(1) + np.exp(2)))
    assert log_loss(margins, np.array([0, 0])) == pytest.approx(by_hand / 2)


def test_hits_alone_do_not_make_certain():
    """With n hits and no error the right answer's probability is brought to about (n + 1) / (n + 2)."""
    for count in (10, 300):
        margins = np.tile(np.array([[5.0, 0.0, 0.0]], np.float32), (count, 1))
        found = fit_temperature(margins, np.zeros(count, np.int64))
        shares = np.exp(margins[0] / found) / np.exp(margins[0] / found).sum()
        assert shares[0] == pytest.approx((count + 1) / (count + 2), abs=1e-3)
