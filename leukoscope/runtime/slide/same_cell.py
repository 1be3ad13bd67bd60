"""Which boxes show the same cell."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""[n, 4]: left, top, right, bottom, map pixels."""

CENTRE_SHARE = 0.5
"""Centres closer than this share of the lesser diameter are one cell's."""
INSIDE_SHARE = 0.6
"""A box of which so much lies in the other shows a part of it: one field parted two touching cells, the other did not."""
SLACK_PX = 1.0
"""Of a place on the map, map pixels."""


def clip(boxes: Boxes, windows: Boxes) -> Boxes:
    """[n, 4] the parts of `boxes` in `windows`; right < left or bottom < top where there is none."""
    return np.concatenate(
        [
            np.maximum(boxes[..., :2], windows[..., :2]),
            np.minimum(boxes[..., 2:], windows[..., 2:]),
        ],
        axis=-1,
    )


def likeness(first: Boxes, first_seen: Boxes, second: Boxes, second_seen: Boxes) -> Boxes:
    """[n, m] intersection over union of each pair that may be one cell, 0 for the others.

    Both boxes are cut to what both fields saw (`first_seen` [n, 4], `second_seen` [m, 4] are the fields' windows),
    so a cell at a field's border is compared with the same part of the whole one.
    """
    one = clip(first[:, None], second_seen[None, :])
    other = clip(second[None, :], first_seen[:, None])
    size, other_size = one[..., 2:] - one[..., :2], other[..., 2:] - other[..., :2]
    seen = (size > 0).all(-1) & (other_size > 0).all(-1)
    cut = clip(one, other)
    inside = np.clip(cut[..., 2:] - cut[..., :2], 0, None).prod(-1)
    area, other_area = (np.clip(each, 0, None).prod(-1) for each in (size, other_size))
    apart = (one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) / 2
    reach = CENTRE_SHARE * np.clip(np.minimum(size, other_size), 0, None) + SLACK_PX
    near = ((apart / reach) ** 2).sum(-1) <= 1
    within = inside >= INSIDE_SHARE * np.minimum(area, other_area)
    union = np.maximum(area + other_area - inside, 1e-9)
    # A touch of likeness for pairs that are near but do not overlap: small cells, a place a little off.
    return np.where(seen & (near | within), np.maximum(inside / union, 1e-6), 0.0)


def pair_off(scores: NDArray[np.float64]) -> Sequence[tuple[int, int]]:
    """One-to-one pairs (row, column) of a score [n, m] above 0, the best first.

    Greedy is enough: the boxes of one cell differ by the error of its place, far less than the distance of two cells,
    so the best pair of a row is the best of its column, and where two fields parted a clump differently any pairing
    gives the same count.
    """
    rows, columns = np.nonzero(scores)
    order = np.lexsort((columns, rows, -scores[rows, columns]))
    used_rows, used_columns, pairs = set(), set(), []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used_rows and column not in used_columns:
            used_rows.add(row)
            used_columns.add(column)
            pairs.append((row, column))
    return pairs
