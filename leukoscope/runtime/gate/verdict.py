"""The gate itself: what `calibrate` and `validate --gate` both call."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.runtime.engine import OUTPUTS
from leukoscope.runtime.gate.answers import answers_of, votes_of
from leukoscope.runtime.gate.budgets import Budgets
from leukoscope.runtime.gate.check import Check, Outcome
from leukoscope.runtime.gate.pictures import Pairs, check_maps, check_masks
from leukoscope.runtime.gate.votes import check_votes
from leukoscope.runtime.judge import DUPLICATE, Judged
from leukoscope.runtime.observation import Observation

FLIPPED_LIMIT = 200
"""Names of flipped images that the JSON form holds; their number is always given."""


@dataclass(frozen=True)
class Verdict:
    """Whether one variant of one network may ship."""

    network: str
    reference: str
    variant: str
    voter: str
    """`trees` or `head`: whose vote was judged."""
    outcome: Outcome
    """Failed if any check failed; else undecided if any is; else passed."""
    checks: tuple[Check, ...]
    flips: int
    """Images, with or without a label, on which the variant votes otherwise than the float model."""
    flipped: tuple[str, ...]
    """Their names."""
    n: int
    """Images compared."""
    n_unlabelled: int
    """Of `n`, those without a label, of which only flips and maps are known."""
    n_excluded: int
    """Of `n`, those whose label the label map leaves out: their masks and maps count."""
    groups: int
    """Slides or patients that `n` are from."""
    groups_inferred: bool
    strict: bool
    budgets: Budgets
    left_out: Mapping[str, int]
    """Images that may not judge, by cause."""

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome == "failed")

    @property
    def undecided(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome == "undecided")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values for the manifest's `gate`.

        The caller sets `accepted_undecided` and `forced` to what the user has said out loud.
        """
        return {
            "outcome": self.outcome,
            "accepted_undecided": False,
            "forced": False,
            "network": self.network,
            "reference": self.reference,
            "variant": self.variant,
            "voter": self.voter,
            "strict": self.strict,
            "n": self.n,
            "n_unlabelled": self.n_unlabelled,
            "n_excluded": self.n_excluded,
            "groups": self.groups,
            "groups_inferred": self.groups_inferred,
            "left_out": dict(self.left_out),
            "flips": self.flips,
            "flipped": [_written(name) for name in self.flipped[:FLIPPED_LIMIT]],
            "budgets": asdict(self.budgets),
            "checks": [check.to_json() for check in self.checks],
        }


def gate(
    judged: Judged,
    variant: str,
    budgets: Budgets = Budgets(),  # noqa: B008
    *,
    unlabelled: Judged | None = None,
    strict: bool = False,
) -> Verdict:
    """Compares `variant` with the float model on the images of `judged`, item by item; docs/gate.md has the rules.

    `unlabelled`: the same variants on fields without a label; their labels and masks are not looked at, and images
    that `judged` holds too count once. Raises KeyError for a variant that was not judged.
    """
    pairs = _pairs(judged, variant)
    fields, twice = _fields_of(unlabelled, variant, {one.sample.sha256 for one, _ in pairs})
    answers = answers_of(judged, variant, fields)
    checks = [
        *check_votes(answers, budgets, strict=strict),
        *_masks(judged, pairs, budgets, strict),
        check_maps([*pairs, *fields], len(fields), budgets, strict=strict),
    ]
    everything = [*pairs, *fields]
    flipped = _flipped(judged, everything)
    return Verdict(
        network=judged.network,
        reference=judged.reference,
        variant=variant,
        voter=judged.voter,
        outcome=_worst([check.outcome for check in checks]),
        checks=tuple(checks),
        flips=len(flipped),
        flipped=flipped,
        n=len(everything),
        n_unlabelled=int((~answers.labelled).sum()),
        n_excluded=sum(one.sample.excluded for one, _ in pairs),
        groups=len({one.sample.group for one, _ in everything}),
        groups_inferred=judged.groups_inferred
        or (unlabelled is not None and unlabelled.groups_inferred),
        strict=strict,
        budgets=budgets,
        left_out=_left_out(judged, unlabelled, twice),
    )


def _pairs(judged: Judged, variant: str) -> list[tuple[Observation, Observation]]:
    both = judged.observations[judged.reference], judged.observations[variant]
    return list(zip(*both, strict=True))


def _fields_of(
    unlabelled: Judged | None, variant: str, known: set[str]
) -> tuple[list[tuple[Observation, Observation]], int]:
    """Pairs of the unlabelled fields that are not `known` by their hashes, and how many are."""
    if unlabelled is None:
        return [], 0
    pairs = _pairs(unlabelled, variant)
    new = [pair for pair in pairs if pair[0].sample.sha256 not in known]
    return new, len(pairs) - len(new)


def _masks(judged: Judged, pairs: Pairs, budgets: Budgets, strict: bool) -> tuple[Check, ...]:
    """Only networks that draw masks are asked for them."""
    if "mask" not in OUTPUTS.get(judged.network, ()):
        return ()
    return check_masks(pairs, budgets, strict=strict)


def _flipped(judged: Judged, pairs: Pairs) -> tuple[str, ...]:
    """Names of images whose class changed, or whose label did where a label stands for several classes."""
    mine, other = (votes_of(judged, [pair[side] for pair in pairs]) for side in (0, 1))
    changed = mine != other
    return tuple(
        one.sample.name
        for (one, two), moved in zip(pairs, changed, strict=True)
        if moved or two.flipped
    )


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    if "failed" in outcomes:
        return "failed"
    return "undecided" if "undecided" in outcomes else "passed"


def _left_out(judged: Judged, unlabelled: Judged | None, twice: int) -> dict[str, int]:
    counts = dict(judged.left_out)
    more = {} if unlabelled is None else dict(unlabelled.left_out)
    if twice:
        more[DUPLICATE] = more.get(DUPLICATE, 0) + twice
    for cause, count in more.items():
        counts[cause] = counts.get(cause, 0) + count
    return counts


def _written(name: str) -> str:
    """A file name as UTF-8 can hold it: names on disk are bytes."""
    return name.encode("utf-8", "replace").decode()
