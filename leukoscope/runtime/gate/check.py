"""One item of the gate: a figure, what it lost, and whether the images can tell."""

from dataclasses import dataclass
from typing import Any, Literal

from leukoscope.runtime.gate.bounds import Bounds
from leukoscope.runtime.gate.budgets import images_needed

Outcome = Literal["passed", "failed", "undecided"]
ROUNDING = 1e-12


@dataclass(frozen=True)
class Check:
    """A figure of the float model and of the variant, on the same images; fractions."""

    name: str
    """`accuracy`, `recall CLASS`, `iou cell`, `iou nucleus`, `cam_agreement`."""
    reference: float | None
    variant: float | None
    drop: float | None
    """`reference` less `variant` on the images that have the truth; of `cam_agreement`, 1 less the median."""
    budget: float
    """Greatest drop that passes."""
    n: int
    """Images that count for the figure, those without a label among them."""
    needed: int
    outcome: Outcome
    reason: str
    interval: tuple[float, float] | None
    """Of the drop on the images that have the truth: two-sided 95 %, paired bootstrap by group."""
    upper: float | None
    """One-sided 95 % bound of the drop, every flip without a label counted as a loss."""
    losses: int | None = None
    """Images that only the float model got right."""
    gains: int | None = None
    """Images that only the variant got right."""
    mcnemar_p: float | None = None
    n_unlabelled: int = 0
    """Of `n`, those without a label."""
    flips_unlabelled: int = 0
    """Of these, those on which the vote changed."""
    worst_drop: float | None = None
    """The drop over all `n` images if each of `flips_unlabelled` were a loss."""
    groups: int = 0
    """How many slides or patients the images of `upper` are from."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = dict(vars(self))
        values["interval"] = None if self.interval is None else list(self.interval)
        return values


@dataclass(frozen=True)
class Found:
    """What the judging of a check needs."""

    drop: float | None
    worst_drop: float | None
    budget: float
    n: int
    bounds: Bounds
    absent: str
    """Why there is nothing, where n is 0."""
    of_one_image: float = 0.0
    """What a single image can make of the drop; 0 for figures that have no such step."""


def settle(found: Found, *, strict: bool) -> tuple[Outcome, str]:
    """The outcome and why, in one clause.

    A drop over the budget has failed, unless there are too few images to resolve the budget and one image less would
    do. What is neither shown to be over it nor, by enough images, within it is undecided.
    """
    needed, limit = images_needed(found.budget), found.budget + ROUNDING
    if found.drop is not None and found.drop > limit:
        if found.n >= needed or found.drop - found.of_one_image > limit:
            return "failed", f"a drop of {found.drop:.4f} is over the budget"
        return (
            "undecided",
            f"one image of {found.n} is over the budget already, of {needed} it is not",
        )
    if found.n == 0 or found.worst_drop is None:
        return "undecided", found.absent
    if found.worst_drop > limit:
        return (
            "undecided",
            f"the drop is up to {found.worst_drop:.4f} if unlabelled flips are losses",
        )
    if found.n < needed:
        return "undecided", f"{found.n} image{'s' * (found.n != 1)} cannot resolve it, {needed} can"
    return _settle_strictly(found) if strict else ("passed", "within budget")


def _settle_strictly(found: Found) -> tuple[Outcome, str]:
    upper = found.bounds.upper
    if upper is None:
        return "undecided", "all images are of one group, which says nothing of others"
    if upper > found.budget + ROUNDING:
        return "undecided", f"the drop may be up to {upper:.4f} (95 %, one-sided)"
    return "passed", f"within budget, and at most {upper:.4f} (95 %, one-sided)"
