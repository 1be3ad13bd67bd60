"""What the float model and a variant answered on the same images, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.judge import Judged
from leukoscope.runtime.metrics.targets import Targets
from leukoscope.runtime.observation import Observation


@dataclass(frozen=True, eq=False)
class Answers:
    """Votes [n] as indices into `targets.names`, in the order of `groups`."""

    targets: Targets
    truth: NDArray[np.intp]
    """-1 where an image has no label."""
    reference: NDArray[np.intp]
    variant: NDArray[np.intp]
    groups: tuple[str, ...]

    def only(self, these: NDArray[np.bool_]) -> "Answers":
        """Those of `these` [n]."""
        groups = tuple(g for g, kept in zip(self.groups, these, strict=True) if kept)
        return Answers(
            self.targets, self.truth[these], self.reference[these], self.variant[these], groups
        )

    @property
    def labelled(self) -> NDArray[np.bool_]:
        return self.truth >= 0

    @property
    def flipped(self) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = self.reference != self.variant
        return changed

    @property
    def delta(self) -> NDArray[np.int64]:
        """[n] 1 for an image lost, -1 for one gained, else 0; without a label every flip is taken for a loss."""
        right = (self.reference == self.truth).astype(np.int64)
        known = right - (self.variant == self.truth)
        return np.where(self.labelled, known, self.flipped)


def answers_of(
    judged: Judged, variant: str, unlabelled: Sequence[tuple[Observation, Observation]]
) -> Answers:
    """Of the images with a label, of those that nothing labels, and of `unlabelled` (float, variant).

    Images whose label the map leaves out are no part of it.
    """
    pairs = zip(judged.observations[judged.reference], judged.observations[variant], strict=True)
    kept = [pair for pair in pairs if not pair[0].sample.excluded]
    truth = [_truth(judged, one) for one, _ in kept] + [-1] * len(unlabelled)
    both = [*kept, *unlabelled]
    return Answers(
        judged.targets,
        np.array(truth, np.intp),
        votes_of(judged, [one for one, _ in both]),
        votes_of(judged, [other for _, other in both]),
        tuple(one.sample.group for one, _ in both),
    )


def _truth(judged: Judged, one: Observation) -> int:
    target = one.sample.target
    return -1 if target is None else judged.targets.index(judged.classes, target)


def votes_of(judged: Judged, observations: Sequence[Observation]) -> NDArray[np.intp]:
    """[n] indices into the targets' names, of the greatest summed probability."""
    rows = np.array([one.probabilities for one in observations])
    if not len(rows):
        return np.zeros(0, np.intp)
    votes: NDArray[np.intp] = judged.targets.summed(rows).argmax(axis=1)
    return votes
