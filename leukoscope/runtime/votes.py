"""The stage that judges the field: the trees on XIncept-ALL's features, or its own head."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.errors import InputError
from leukoscope.images.contract import inner_of
from leukoscope.images.opencv import cv2
from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Counted, Judged, Reading, TileReading, Vote

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
        vote = None if reading is None else self._vote(reading, counted.mask)
        flags = (*counted.frame.flags, *(() if vote is None else _flags(vote)))
        return Judged(
            counted.frame,
            counted.readings,
            counted.mask,
            counted.instances,
            counted.cells,
            vote,
            flags,
        )

    def _vote(self, reading: Reading, mask: NDArray[np.uint8] | None) -> Vote:
        """Of a field in tiles, each tile votes with the weight of the white cells in it."""
        weights = tile_weights(reading, mask)
        tiles = reading.tiles or (_only_tile(reading),)
        head_row = weights @ np.stack([tile.probabilities for tile in tiles])
        head = _named(reading.classes, head_row)
        head_stage = max(head, key=head.__getitem__)
        if self.trees is None:
            return Vote(head, head_stage, "head", head_stage)
        features = np.ascontiguousarray([tile.features for tile in tiles], dtype=np.float32)
        rows = self.trees.blob.probabilities(features)
        voted = _named(self.trees.classes, weights @ rows)
        probabilities = {name: voted[name] for name in reading.classes}
        stage = max(probabilities, key=probabilities.__getitem__)
        return Vote(probabilities, stage, "trees", head_stage)


def tile_weights(reading: Reading, mask: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """[T], adding up to 1: how much of the white cells' area each tile shows; even where there is none.

    A field in one square has the weight 1.
    """
    if not reading.tiles:
        return np.ones(1, np.float32)
    place, even = reading.placement, np.ones(len(reading.tiles), np.float32)
    shown = even
    if mask is not None:
        cells = np.zeros((place.size_px[1], place.size_px[0]), np.float32)
        cells[inner_of(place)] = cv2.resize(
            np.minimum(mask, 1).astype(np.float32), place.inner_px, interpolation=cv2.INTER_AREA
        )
        side, corners = place.input_px, [tile.corner_px for tile in reading.tiles]
        shown = np.array([cells[y : y + side, x : x + side].sum() for x, y in corners], np.float32)
    weights = shown if shown.sum() > 0 else even
    return np.asarray(weights / weights.sum(), np.float32)


def _only_tile(reading: Reading) -> TileReading:
    arrays = reading.arrays
    return TileReading((0, 0), arrays["probabilities"], arrays.get("features"))


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
