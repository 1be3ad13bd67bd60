"""How often each picture is drawn for SG-CLDFF: kinds in fixed shares, and no data folder drowns the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.training.losses import balanced_draws
from leukoscope.training.painted import ORIGIN
from leukoscope.training.pictures import Picture

KIND_SHARES = {"masks": 0.5, "classes": 0.4, "painted": 0.1}
"""How much of an epoch each kind of picture fills, whatever their numbers; kinds that are absent leave theirs."""


def draw_shares(pictures: Sequence[Picture], *, balanced: bool = True) -> NDArray[np.float64]:
    """Probability of each picture to be drawn: KIND_SHARES by kind, within a kind every data folder by the root of its size.

    With `balanced`, within a folder every label by the root of its size too.
    """
    kinds = [_kind(picture) for picture in pictures]
    sizes: dict[tuple[str, str], int] = {}
    for picture, kind in zip(pictures, kinds, strict=True):
        sizes[kind, picture.origin] = sizes.get((kind, picture.origin), 0) + 1
    totals: dict[str, float] = {}
    for (kind, _), size in sizes.items():
        totals[kind] = totals.get(kind, 0.0) + size**0.5
    within = _draws_within(pictures, kinds, balanced=balanced)
    shares = [
        KIND_SHARES[kind] / totals[kind] * sizes[kind, picture.origin] ** 0.5 * draw
        for picture, kind, draw in zip(pictures, kinds, within, strict=True)
    ]
    total = sum(shares)
    return np.array([share / total for share in shares])


def _draws_within(
    pictures: Sequence[Picture], kinds: Sequence[str], *, balanced: bool
) -> list[float]:
    """Probability of each picture among those of its kind and folder."""
    members: dict[tuple[str, str], list[int]] = {}
    for row, (picture, kind) in enumerate(zip(pictures, kinds, strict=True)):
        members.setdefault((kind, picture.origin), []).append(row)
    draws = [0.0] * len(pictures)
    for rows in members.values():
        targets = [pictures[row].target for row in rows]
        found = balanced_draws(targets) if balanced else [1 / len(rows)] * len(rows)
        for row, draw in zip(rows, found, strict=True):
            draws[row] = draw
    return draws


def _kind(picture: Picture) -> str:
    if picture.origin == ORIGIN:
        return "painted"
    return "masks" if picture.mask is not None and picture.drawn else "classes"
