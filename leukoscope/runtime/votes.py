"""The stage that judges the field: the trees on XIncept-ALL's features, or its own head."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.errors import InputError
from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Counted, Judged, Reading, Vote

LOW_PROBABILITY = 0.6
"""Under this the voted stage is flagged `low_probability` (our choice)."""


@dataclass(frozen=True, eq=False)
class Trees:
    """The boosted trees and the order of their classes."""

    blob: TreeBlob
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CastVotes:
    """`trees` is None where the head votes."""

    trees: Trees | None

    def __call__(self, counted: Counted) -> Judged:
        """The field with its vote; none where the bundle has no XIncept-ALL."""
        reading = counted.readings.get(FIELD_NETWORK)
        vote = None if reading is None else self._vote(reading)
        flags = () if vote is None else _flags(vote)
        return Judged(
            counted.frame,
            counted.readings,
            counted.mask,
            counted.instances,
            counted.cells,
            vote,
            flags,
        )

    def _vote(self, reading: Reading) -> Vote:
        head = _named(reading.classes, reading.arrays["probabilities"])
        head_stage = max(head, key=head.__getitem__)
        if self.trees is None:
            return Vote(head, head_stage, "head", head_stage)
        features = np.ascontiguousarray(reading.arrays["features"][None], dtype=np.float32)
        rows = self.trees.blob.probabilities(features)
        voted = _named(self.trees.classes, rows[0])
        probabilities = {name: voted[name] for name in reading.classes}
        stage = max(probabilities, key=probabilities.__getitem__)
        return Vote(probabilities, stage, "trees", head_stage)


def open_trees(bundle: Bundle, voter: str) -> Trees | None:
    """The trees if they are to vote: `voter` is `trees`, `head`, or `auto` for the trees where there are any.

    InputError where trees are asked for and missing, or do not fit XIncept-ALL's features and classes.
    """
    entry = bundle.manifest.trees
    network = bundle.manifest.networks.get(FIELD_NETWORK)
    if voter == "head" or (voter == "auto" and (entry is None or network is None)):
        return None
    blob = bundle.trees()
    if entry is None or blob is None or network is None:
        raise InputError(
            f"{bundle.root} has no trees to vote",
            next_step="give --voter head, or export with --trees",
        )
    if entry.network != FIELD_NETWORK or set(entry.classes) != set(network.classes):
        raise InputError(
            f"the trees of {bundle.root} vote on {entry.network} for {', '.join(entry.classes)}",
            wanted=f"{FIELD_NETWORK} and {', '.join(network.classes)}",
        )
    return Trees(blob, entry.classes)


def _named(classes: tuple[str, ...], row: NDArray[np.floating]) -> Mapping[str, float]:
    return dict(zip(classes, map(float, row), strict=True))


def _flags(vote: Vote) -> tuple[str, ...]:
    flags = {
        "low_probability": vote.probabilities[vote.stage] < LOW_PROBABILITY,
        "voters_disagree": vote.stage != vote.head_stage,
    }
    return tuple(name for name, raised in flags.items() if raised)
