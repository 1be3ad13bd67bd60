"""Where white cells and clumps of platelets lie on a slide: a stated share of the cells in groups that touch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

FINENESS = 16
"""Centres are whole multiples of 1/16 px, so that a piece of the slide is painted alike from any corner."""
OVERLAP_DEPTH = (0.72, 0.87)
TOUCH_DEPTH = (0.90, 0.96)
"""Distance of two neighbours in sums of their mean radii; outlines are uneven, so that 1 would often leave a gap."""
APART = 1.3
"""Cells of different groups lie at least so far apart: none touches by chance."""
GROUP_SIZES, GROUP_WEIGHTS = (2, 3, 4), (0.65, 0.25, 0.1)
TRIES = 60

CLUMP_PLATELETS = (4, 14)
CLUMP_STEP_UM = (1.6, 2.6)
"""From each platelet of a clump to the one it lies against."""


def place_groups(
    rng: np.random.Generator,
    size_px: tuple[int, int],
    radii_px: Sequence[float],
    touching: float,
    overlapping: float,
) -> list[tuple[float, float] | None]:
    """A centre for each radius, None where no room was found; all lie wholly on the slide.

    `touching` is the share of cells in groups of two to four, `overlapping` the part of these that lie over
    a neighbour.
    """
    ground = _Ground(size_px, radii_px)
    for members in _groups(rng, len(radii_px), touching):
        for _ in range(TRIES):
            if ground.place(rng, members, overlapping):
                break
    return ground.spots()


def _groups(rng: np.random.Generator, count: int, touching: float) -> list[list[int]]:
    """Indices in groups, those that touch first: they need the most room."""
    left, groups, first = round(touching * count), [], 0
    while left >= 2:
        size = min(left, int(rng.choice(GROUP_SIZES, p=GROUP_WEIGHTS)))
        size = size if left - size != 1 else left if left <= GROUP_SIZES[-1] else size - 1
        groups.append(list(range(first, first + size)))
        first, left = first + size, left - size
    return groups + [[i] for i in range(first, count)]


class _Ground:
    """What is placed so far."""

    def __init__(self, size_px: tuple[int, int], radii_px: Sequence[float]) -> None:
        self._size = np.asarray(size_px, np.float64)
        self._radii = np.asarray(radii_px, np.float64)
        self._at: Points = np.full((len(radii_px), 2), np.inf)

    def spots(self) -> list[tuple[float, float] | None]:
        return [(float(x), float(y)) if np.isfinite(x) else None for x, y in self._at]

    def place(self, rng: np.random.Generator, members: Sequence[int], overlapping: float) -> bool:
        """Lays one group, or nothing of it."""
        laid: list[int] = []
        for member in members:
            depth = self._depth(rng, overlapping)
            for _ in range(TRIES if laid else 1):
                at = (
                    self._against(rng, laid, member, depth) if laid else self._anywhere(rng, member)
                )
                if self._fits(at, member, laid, depth):
                    self._at[member] = at
                    laid.append(member)
                    break
            else:
                self._at[laid] = np.inf
                return False
        return True

    def _depth(self, rng: np.random.Generator, overlapping: float) -> float:
        return float(rng.uniform(*(OVERLAP_DEPTH if rng.random() < overlapping else TOUCH_DEPTH)))

    def _anywhere(self, rng: np.random.Generator, member: int) -> Points:
        margin = np.minimum(1.3 * self._radii[member], 0.5 * self._size)
        return _fine(rng.uniform(margin, self._size - margin))

    def _against(
        self, rng: np.random.Generator, laid: Sequence[int], member: int, depth: float
    ) -> Points:
        other, angle = int(rng.choice(np.asarray(laid))), rng.uniform(0, 2 * np.pi)
        reach = depth * (self._radii[member] + self._radii[other])
        return _fine(self._at[other] + reach * np.array([np.cos(angle), np.sin(angle)]))

    def _fits(self, at: Points, member: int, laid: Sequence[int], depth: float) -> bool:
        margin = 1.3 * self._radii[member]
        if np.any(at < margin) or np.any(at > self._size - margin):
            return False
        least = np.full(len(self._radii), APART)
        least[list(laid)] = min(depth, TOUCH_DEPTH[0]) - 0.01
        away = np.hypot(*(self._at - at).T)
        return bool(np.all(away >= least * (self._radii + self._radii[member])))


def _fine(at: Points) -> Points:
    return np.asarray(np.rint(at * FINENESS) / FINENESS)


def fine_points(points: Points) -> list[tuple[float, float]]:
    """Points [n, 2] on the grid of centres."""
    return [(float(x), float(y)) for x, y in _fine(np.asarray(points, np.float64))]


def place_clump(
    rng: np.random.Generator, size_px: tuple[int, int], px_per_um: float
) -> list[tuple[float, float]]:
    """Centres of the platelets of one clump: each lies against one before it."""
    count = int(rng.integers(CLUMP_PLATELETS[0], CLUMP_PLATELETS[1] + 1))
    spots = [rng.uniform(0, np.asarray(size_px, np.float64))]
    for _ in range(count - 1):
        angle = rng.uniform(0, 2 * np.pi)
        step = rng.uniform(*CLUMP_STEP_UM) * px_per_um
        before = spots[int(rng.integers(len(spots)))]
        spots.append(before + step * np.array([np.cos(angle), np.sin(angle)]))
    return fine_points(np.array(spots))
