"""The rule by which the report comes to a conclusion, or says that there is not enough evidence. All of it is our choice."""

from dataclasses import dataclass

from leukoscope.runtime.slide_report.shares import Shares

LEAST_FIELDS = 20
LEAST_GROUPS = 5
MOST_LEFT_OUT = 1 / 3
LEAST_LOW_END = 0.5

STAGE, NOT_ENOUGH = "stage", "not_enough_evidence"


@dataclass(frozen=True)
class Check:
    """One condition of the rule."""

    name: str
    """A stable key."""
    found: float | None
    """A whole number of `fields` and `groups`, a truth of `finished` and `network`; None where it cannot be had."""
    limit: float
    passed: bool


@dataclass(frozen=True)
class Sound:
    """What must be true of the run itself."""

    finished: bool
    """Nobody writes the journal any more."""
    network: bool
    """The network that judges stages is trained, and its variant has not failed its gate."""


@dataclass(frozen=True)
class Conclusion:
    """Which stage most fields of the slide show, if that is certain enough. No diagnosis, no prognosis."""

    outcome: str
    """`stage` or `not_enough_evidence`."""
    stage: str | None
    """The leading stage; None without enough evidence."""
    leading: str | None
    """The stage of most fields, whatever the evidence; None where no field counts, or two stages lead."""
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The conditions that do not hold."""
        return tuple(check for check in self.checks if not check.passed)


def conclude(stages: Shares, judged: int, sound: Sound) -> Conclusion:
    """`stages` of the fields that count; `judged` all fields, the flagged, the rejected and those without a stage too."""
    leading = stages.leading
    low = None if leading is None or leading.interval is None else leading.interval.low
    left_out = (judged - stages.total) / judged if judged else None
    checks = (
        Check("fields", stages.total, LEAST_FIELDS, stages.total >= LEAST_FIELDS),
        Check("groups", stages.groups, LEAST_GROUPS, stages.groups >= LEAST_GROUPS),
        Check(
            "left_out", left_out, MOST_LEFT_OUT, left_out is not None and left_out <= MOST_LEFT_OUT
        ),
        Check("low_end", low, LEAST_LOW_END, low is not None and low > LEAST_LOW_END),
        Check("finished", sound.finished, True, sound.finished),
        Check("network", sound.network, True, sound.network),
    )
    alone = [one for one in stages.parts if leading is not None and one.count == leading.count]
    first = alone[0].name if len(alone) == 1 else None
    enough = all(check.passed for check in checks)
    return Conclusion(STAGE if enough else NOT_ENOUGH, first if enough else None, first, checks)
