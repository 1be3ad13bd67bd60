"""Observations counted for charts: by label and vote, by probability, by agreement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.metrics.classification import ECE_BINS
from leukoscope.runtime.metrics.targets import Targets
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.report.contents import Confusion, ReliabilityBin


@dataclass(frozen=True, eq=False)
class Votes:
    """The labelled images of one variant: indices into the targets, in the order of the observations."""

    truth: NDArray[np.intp]
    voted: NDArray[np.intp]
    probability: NDArray[np.float64]
    """Of the vote."""
    groups: tuple[str, ...]


def votes_of(
    observations: Sequence[Observation], targets: Targets, classes: tuple[str, ...]
) -> Votes:
    """Scored as `validate` scores them: the probabilities of the classes behind one label are summed."""
    labelled = [(one, one.sample.target) for one in observations if one.sample.target is not None]
    rows = np.array([one.probabilities for one, _ in labelled]).reshape(-1, len(classes))
    summed = targets.summed(rows)
    return Votes(
        truth=np.array([targets.index(classes, target) for _, target in labelled], np.intp),
        voted=summed.argmax(axis=1) if len(summed) else np.zeros(0, np.intp),
        probability=summed.max(axis=1) if len(summed) else np.zeros(0),
        groups=tuple(one.sample.group for one, _ in labelled),
    )


def confusion_of(votes: Votes, names: tuple[str, ...]) -> Confusion:
    """Counts over the labelled images."""
    k = len(names)
    counts = np.bincount(votes.truth * k + votes.voted, minlength=k * k).reshape(k, k)
    return Confusion(names, tuple(tuple(int(n) for n in row) for row in counts))


def reliability_of(votes: Votes) -> tuple[ReliabilityBin, ...]:
    """The bins of the expected calibration error: equal width, open below, closed above."""
    places = np.searchsorted(np.arange(1, ECE_BINS) / ECE_BINS, votes.probability, side="left")
    right = votes.voted == votes.truth
    return tuple(
        _bin(index, votes.probability[places == index], right[places == index])
        for index in range(ECE_BINS)
    )


def _bin(index: int, probability: NDArray[np.float64], right: NDArray[np.bool_]) -> ReliabilityBin:
    n = len(probability)
    return ReliabilityBin(
        low=index / ECE_BINS,
        high=(index + 1) / ECE_BINS,
        n=n,
        probability=float(probability.mean()) if n else None,
        accuracy=float(right.mean()) if n else None,
    )
