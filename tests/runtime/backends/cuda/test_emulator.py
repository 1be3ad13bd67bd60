"""The emulated driver finds what it is for: each synchronisation that is left out, each misuse."""

import pytest
from pipeline import SYNCHRONISATIONS

pytestmark = pytest.mark.heavy
RANDOM, LAZY = {"delay_us": 3000}, {"lazy": 1}


@pytest.mark.parametrize("omitted", SYNCHRONISATIONS)
def test_a_synchronisation_left_out_is_seen(run_program, binding, omitted):
    assert run_program("omission", binding, omitted, "60", **RANDOM).stdout.split() == ["seen"]


@pytest.mark.parametrize("omitted", ["arrived", "computed", "ready"])
def test_a_result_read_too_early_is_seen_in_the_first_frames(run_program, binding, omitted):
    """The lazy schedule leaves nothing to chance: what nobody waits for has not happened."""
    assert run_program("omission", binding, omitted, "3", **LAZY).stdout.split() == ["seen"]


@pytest.mark.parametrize("schedule", [RANDOM, LAZY], ids=["random", "lazy"])
def test_nothing_is_seen_where_all_are_there(run_program, binding, schedule):
    assert run_program("omission", binding, "none", "60", **schedule).stdout.split() == ["unseen"]


@pytest.mark.parametrize(
    ("what", "words"), [("memory", "memory that is not there"), ("device", "work in flight")]
)
def test_a_release_that_does_not_wait_is_seen(run_program, binding, what, words):
    # Three times: on a busy machine the work may be over before the release comes.
    seen = [run_program("hasty_close", binding, "omit", what, **LAZY).stdout for _ in range(3)]
    assert any(words in one for one in seen)
    assert run_program("hasty_close", binding, "wait", what, **LAZY).stdout.split() == []
