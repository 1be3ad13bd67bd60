"""Where cells lie: white cells at times in crowds, red cells in the room that is left."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

CLOSEST = 0.9
"""Two white cells overlap by at most this: their distance in sums of their radii."""


def place_white(
    rng: np.random.Generator,
    size_px: tuple[int, int],
    radii_px: Sequence[float],
    crowding: float,
) -> list[tuple[float, float] | None]:
    """A centre for each radius, None where no room was found.

    With probability `crowding` a cell is laid against one that is already there; otherwise
    anywhere, so that the edge cuts some.
    """
    placed: list[tuple[float, float, float]] = []
    centres: list[tuple[float, float] | None] = []
    for radius in radii_px:
        spot = _spot(rng, size_px, radius, placed, crowding)
        centres.append(spot)
        if spot is not None:
            placed.append((*spot, radius))
    return centres


def _spot(
    rng: np.random.Generator,
    size_px: tuple[int, int],
    radius: float,
    placed: list[tuple[float, float, float]],
    crowding: float,
) -> tuple[float, float] | None:
    width, height = size_px
    for _ in range(30):
        if placed and rng.random() < crowding:
            x, y, other = placed[int(rng.integers(len(placed)))]
            angle, distance = rng.uniform(0, 2 * np.pi), (radius + other) * rng.uniform(0.93, 1.08)
            at = (float(x + np.cos(angle) * distance), float(y + np.sin(angle) * distance))
        else:
            # The first cell lies wholly inside, so that no field is without one.
            margin = min(0.95 * radius, 0.5 * min(width, height)) if not placed else -0.3 * radius
            x, y = rng.uniform(margin, np.array([width, height]) - margin)
            at = (float(x), float(y))
        inside = -0.4 * radius <= at[0] <= width + 0.4 * radius
        inside = inside and -0.4 * radius <= at[1] <= height + 0.4 * radius
        if inside and all(
            np.hypot(at[0] - x, at[1] - y) >= CLOSEST * (radius + other) for x, y, other in placed
        ):
            return at
    return None


def place_red(
    rng: np.random.Generator,
    size_px: tuple[int, int],
    count: int,
    radius_px: float,
    white: Sequence[tuple[float, float, float]],
) -> Points:
    """Centres [n, 2] of up to `count` red cells, most of them clear of the white ones (x, y, radius).

    One field's manner is drawn: how far the cells pile up, and how many lie in rolls.
    """
    piling, rolls = rng.uniform(0.0, 0.35), rng.choice([0.0, 0.25, 0.7], p=[0.55, 0.3, 0.15])
    tries = _candidates(rng, size_px, 2 * count, radius_px, float(rolls))
    tries = _clear_of_white(rng, tries, radius_px, white)
    near = rng.uniform(0.62, 0.9, len(tries)) * 2 * radius_px
    near = np.where(rng.random(len(tries)) < max(piling, float(rolls)), 0.45 * radius_px, near)
    taken = np.empty((count, 2))
    n = 0
    for at, distance in zip(tries, near, strict=True):
        if n == count:
            break
        away = taken[:n] - at
        if n == 0 or float(np.min(np.einsum("ij,ij->i", away, away))) >= distance**2:
            taken[n] = at
            n += 1
    return taken[:n]


def _candidates(
    rng: np.random.Generator, size_px: tuple[int, int], count: int, radius_px: float, rolls: float
) -> Points:
    free: Points = rng.uniform(-radius_px, np.array(size_px) + radius_px, (count, 2))
    if rolls == 0:
        return free
    # A roll: each cell follows the one before by about a radius, along a slowly turning line.
    turns = np.cumsum(rng.normal(0, 0.25, count)) + rng.uniform(0, 2 * np.pi)
    steps = np.stack([np.cos(turns), np.sin(turns)], axis=1) * radius_px * 0.85
    line: Points = free.copy()
    for i in range(1, count):
        if rng.random() < rolls:
            line[i] = line[i - 1] + steps[i]
    return line


def _clear_of_white(
    rng: np.random.Generator,
    points: Points,
    radius_px: float,
    white: Sequence[tuple[float, float, float]],
) -> Points:
    if not white:
        return points
    cells = np.asarray(white)
    distances = np.hypot(
        points[:, None, 0] - cells[None, :, 0], points[:, None, 1] - cells[None, :, 1]
    )
    room = np.min(distances - cells[None, :, 2] - radius_px, axis=1)
    allowed = np.where(rng.random(len(points)) < 0.12, -1.2, -0.15) * radius_px
    return np.asarray(points[room >= allowed])
