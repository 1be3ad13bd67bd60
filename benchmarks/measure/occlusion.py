"""Deletion and insertion: does what a map points at carry the probability? (Petsiuk et al. 2018, RISE, arXiv 1806.07421)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement
from leukoscope.runtime.engine import Engine

Image = NDArray[np.uint8]
Order = NDArray[np.intp]

STEPS = 8
"""Equal shares of the field between nothing and all of it."""
GROUND_PERCENTILE = 90
"""Of each channel inside the field: the colour that what is deleted takes, that of the empty ground (our choice)."""


@dataclass(frozen=True)
class Areas:
    """Under the probability over the share of the field that is gone, or there: 0 to 1."""

    deletion: float
    """Low: what the map ranks first was what counted."""
    insertion: float
    """High: what the map ranks first suffices."""


def places_inside(grid: tuple[int, int], placement: Placement) -> NDArray[np.bool_]:
    """[h, w]: which places of a map have their centre on the field and not on padding."""
    rows, columns = ((np.arange(n) + 0.5) * placement.input_px / n for n in grid)
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    inside: NDArray[np.bool_] = np.outer(
        (rows >= y) & (rows < y + height), (columns >= x) & (columns < x + width)
    )
    return inside


def by_map(cam: NDArray[np.floating], inside: NDArray[np.bool_]) -> Order:
    """Places on the field, flat indices, the map's highest first; equal ones in reading order."""
    order = np.argsort(-cam.ravel(), kind="stable")
    return order[inside.ravel()[order]]


def at_random(inside: NDArray[np.bool_], seed: int) -> Order:
    """The same places in a random order."""
    return np.random.default_rng(seed).permutation(np.flatnonzero(inside.ravel()))


def areas(
    engine: Engine, square: Image, placement: Placement, orders: list[Order], index: int
) -> list[Areas]:
    """For each order, of the probability of class `index`, by the trapezoidal rule.

    One batch holds all the pictures of an image. `orders` rank the places of the engine's map.
    """
    grid = _grid(engine, square)
    ground = ground_of(square, placement)
    frames = [square, _covered(square, ground, np.ones(grid, bool), placement)]
    counts = [len(orders[0]) * step // STEPS for step in range(1, STEPS)]
    for order in orders:
        for count in counts:
            gone = np.zeros(grid, bool)
            gone.flat[order[:count]] = True
            frames.append(_covered(square, ground, gone, placement))
            frames.append(_covered(square, ground, ~gone, placement))
    found = engine.infer(np.stack(frames))["probabilities"][:, index].astype(float)
    whole, empty, steps = found[0], found[1], found[2:].reshape(len(orders), len(counts), 2)
    x = np.array([0, *counts, len(orders[0])]) / len(orders[0])
    return [
        Areas(
            deletion=_under(np.array([whole, *one[:, 0], empty]), x),
            insertion=_under(np.array([empty, *one[:, 1], whole]), x),
        )
        for one in steps
    ]


def ground_of(square: Image, placement: Placement) -> Image:
    """The colour [3] of the empty ground of the field in a square."""
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    field = square[y : y + height, x : x + width].reshape(-1, 3)
    return np.percentile(field, GROUND_PERCENTILE, axis=0).round().astype(np.uint8)


def _under(y: NDArray[np.float64], x: NDArray[np.float64]) -> float:
    return float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum())


def _grid(engine: Engine, square: Image) -> tuple[int, int]:
    height, width = engine.infer(square[None])["cams"].shape[2:]
    return int(height), int(width)


def _covered(square: Image, ground: Image, gone: NDArray[np.bool_], placement: Placement) -> Image:
    """The square with these places [h, w] in the ground's colour; padding stays as it is."""
    size = len(square)
    rows, columns = (np.arange(size) * n // size for n in gone.shape)
    where = np.zeros((size, size), bool)
    (x, y), (width, height) = placement.offset_px, placement.inner_px
    window = slice(y, y + height), slice(x, x + width)
    where[window] = gone[np.ix_(rows, columns)][window]
    return np.where(where[..., None], ground, square)
