import pytest

from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.slide_report.rule import (
    LEAST_FIELDS,
    LEAST_GROUPS,
    NOT_ENOUGH,
    STAGE,
    Sound,
    conclude,
)
from leukoscope.runtime.slide_report.shares import Share, Shares, shares_of

SOUND = Sound(finished=True, network=True)


def stages(early: int = 30, pre: int = 4, *, groups: int = 7, low: float | None = 0.6) -> Shares:
    total = early + pre
    interval = None if low is None else Interval(low, 1.0)
    parts = (
        Share("Early", early, early / total if total else None, interval),
        Share("Pre", pre, pre / total if total else None, interval),
    )
    return Shares(total, groups, parts)


def test_enough_evidence_names_the_leading_stage():
    found = conclude(stages(), 36, SOUND)
    assert (found.outcome, found.stage, found.failed) == (STAGE, "Early", ())


@pytest.mark.parametrize(
    ("changed", "judged", "sound", "why"),
    [
        ({"early": LEAST_FIELDS - 1, "pre": 0}, LEAST_FIELDS - 1, SOUND, "fields"),
        ({"groups": LEAST_GROUPS - 1}, 34, SOUND, "groups"),
        ({}, 52, SOUND, "left_out"),
        ({"low": 0.5}, 34, SOUND, "low_end"),
        ({"low": None}, 34, SOUND, "low_end"),
        ({}, 34, Sound(finished=False, network=True), "finished"),
        ({}, 34, Sound(finished=True, network=False), "network"),
    ],
)
def test_each_condition_alone_keeps_the_conclusion_back(changed, judged, sound, why):
    found = conclude(stages(**changed), judged, sound)
    assert (found.outcome, found.stage) == (NOT_ENOUGH, None)
    assert [check.name for check in found.failed] == [why]
    assert found.leading == "Early"


def test_at_the_limits_it_holds():
    found = conclude(
        stages(LEAST_FIELDS, 0, groups=LEAST_GROUPS, low=0.501), LEAST_FIELDS * 3 // 2, SOUND
    )
    assert found.outcome == STAGE


def test_two_stages_that_lead_are_none():
    found = conclude(stages(15, 15, low=0.4), 30, SOUND)
    assert (found.outcome, found.leading) == (NOT_ENOUGH, None)


def test_nothing_judged_is_not_enough_evidence():
    found = conclude(stages(0, 0, groups=0, low=None), 0, SOUND)
    assert found.outcome == NOT_ENOUGH and found.leading is None
    assert {check.name for check in found.failed} == {"fields", "groups", "left_out", "low_end"}


def test_the_least_slide_on_which_all_agree_is_enough():
    groups = [f"block {i // 5}" for i in range(25)]
    agreed = shares_of(("Early", "Pre"), [{"Early": 1}] * 25, groups)
    assert conclude(agreed, 25, SOUND).stage == "Early"
    assert (
        conclude(
            shares_of(("Early",), [{"Early": 1}] * 24, groups[:20] + ["block 3"] * 4), 24, SOUND
        ).stage
        is None
    )
