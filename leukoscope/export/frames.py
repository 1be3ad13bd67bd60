"""The frames that an export is proved on: painted ones, always the same, and real ones where the user has some."""

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.contract import Contract, place
from leukoscope.images.decode import read_image
from leukoscope.images.layouts import Item, read_image_set
from leukoscope.images.painter.field import paint_cell, paint_field

Frames = NDArray[np.uint8]
"""uint8 [N, S, S, 3], RGB, as the graph takes them."""

PARITY_SEED = 31_000
GOLDEN_SEED = 32_000
REAL_FRAMES = 10


def painted_frames(network: str, contract: Contract, count: int, seed: int) -> Frames:
    """`count` frames: fields of the four stages in turn for XIncept-ALL, cells of the eight types for SG-CLDFF."""
    return np.stack([_painted(network, contract, index, seed + index) for index in range(count)])


def real_frames(root: Path, contract: Contract, limit: int = REAL_FRAMES) -> Frames:
    """At most `limit` images of a data folder, dealt out over its labels and spread over each, first to last.

    Raises InputError for a folder without images and for an image that cannot be read.
    """
    items = _spread(read_image_set(root).items, limit)
    return np.stack([place(read_image(item.path), contract)[0] for item in items])


def _painted(network: str, contract: Contract, index: int, seed: int) -> NDArray[np.uint8]:
    if network == "sg_cldff":
        picture = paint_cell(CELL_TYPES[index % len(CELL_TYPES)], seed, contract.input_px)
    else:
        picture = paint_field(STAGES[index % len(STAGES)], seed)
    return place(picture.image, contract)[0]


def _spread(items: Iterable[Item], limit: int) -> list[Item]:
    by_label: dict[str, list[Item]] = {}
    for item in items:
        by_label.setdefault(item.label or "", []).append(item)
    each = -(-limit // len(by_label))
    rows = [_evenly(found, each) for found in by_label.values()]
    dealt = [item for turn in zip_longest(*rows) for item in turn if item is not None]
    return dealt[:limit]


def _evenly(items: list[Item], count: int) -> list[Item]:
    count = min(count, len(items))
    return [items[index * len(items) // count] for index in range(count)]
