"""How often each picture is drawn for SG-CLDFF: kinds in fixed shares, and no data folder drowns the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.training.painted import ORIGIN
from leukoscope.training.pictures import Picture

KIND_SHARES = {"masks": 0.5, "classes": 0.3, "painted": 0.2}
"""How much of an epoch each kind of picture fills, whatever their numbers; kinds that are absent leave theirs."""


def draw_shares(pictures: Sequence[Picture]) -> NDArray[np.float64]:
    """Probability of each picture to be drawn: KIND_SHARES by kind, within a kind every data folder alike by the root of its size."""
    kinds = [_kind(picture) for picture in pictures]
    sizes: dict[tuple[str, str], int] = {}
    for picture, kind in zip(pictures, kinds, strict=True):
        sizes[kind, picture.origin] = sizes.get((kind, picture.origin), 0) + 1
    totals: dict[str, float] = {}
    for (kind, _), size in sizes.items():
        totals[kind] = totals.get(kind, 0.0) + size**0.5
    shares = [
        KIND_SHARES[kind] / totals[kind] / sizes[kind, picture.origin] ** 0.5
        for picture, kind in zip(pictures, kinds, strict=True)
    ]
    total = sum(shares)
    return np.array([share / total for share in shares])


def _kind(picture: Picture) -> str:
    if picture.origin == ORIGIN:
        return "painted"
    return "classes" if picture.mask is None else "masks"
