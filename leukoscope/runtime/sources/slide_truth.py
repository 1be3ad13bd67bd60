"""Which cells of a virtual slide a frame shows, and how many there are in a set of frames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.slide import PaintedSlide
from leukoscope.runtime.sources.slide_path import Stop
from leukoscope.runtime.sources.slide_shots import Moment

SEEN_SHARE = 0.5
"""A cell is seen in a frame that holds at least so much of its area."""


@dataclass(frozen=True, eq=False)
class SlideTruth:
    """What is true of every frame, by its index (`Frame.index`)."""

    slide: PaintedSlide
    stops: Sequence[Stop]
    moments: Sequence[Moment]
    size_px: tuple[int, int]
    """Of a frame."""

    def corner_px(self, frame: int) -> tuple[float, float]:
        """Of the frame's upper left corner on the slide, x and y."""
        return self.moments[frame].shot.corner_px

    def shares(self, frame: int) -> dict[int, float]:
        """By cell id, how much of its visible area lies in the frame, above 0 to 1."""
        window = self._window(frame)
        counts = np.bincount(window.ravel(), minlength=1)
        cells = self.slide.cells
        return {int(i): counts[i] / cells[i - 1].area_px for i in np.flatnonzero(counts) if i}

    def plane(self, frame: int) -> NDArray[np.uint16]:
        """[H, W] of the frame: 0, or the id of the white cell that shows there."""
        (width, height), (left, top) = self.size_px, self._corner(frame)
        plane = np.zeros((height, width), np.uint16)
        window = self._window(frame)
        rows, columns = max(0, -top), max(0, -left)
        plane[rows : rows + window.shape[0], columns : columns + window.shape[1]] = window
        return plane

    def _corner(self, frame: int) -> tuple[int, int]:
        x, y = self.corner_px(frame)
        return round(x), round(y)

    def _window(self, frame: int) -> NDArray[np.uint16]:
        """The part of the frame that is on the slide."""
        (width, height), (left, top) = self.size_px, self._corner(frame)
        right, bottom = max(0, left + width), max(0, top + height)
        return self.slide.instances[max(0, top) : bottom, max(0, left) : right]

    def seen(self, frame: int, least_share: float = SEEN_SHARE) -> frozenset[int]:
        """Ids of the white cells that the frame holds to at least `least_share`."""
        return frozenset(i for i, share in self.shares(frame).items() if share >= least_share)

    def unique(self, frames: Iterable[int], least_share: float = SEEN_SHARE) -> frozenset[int]:
        """Ids of the white cells that at least one of the frames shows."""
        return frozenset().union(*(self.seen(frame, least_share) for frame in frames))

    def one_a_stop(self) -> tuple[int, ...]:
        """The last frame of each stop, in order, also where it is out of focus."""
        last = {m.stop: i for i, m in enumerate(self.moments) if m.stop is not None}
        return tuple(last[stop] for stop in range(len(self.stops)))

    def sharpest(self) -> tuple[int, ...]:
        """One frame a stop, in order: the last that is still and in focus; stops that never are have none."""
        last = {m.stop: i for i, m in enumerate(self.moments) if m.still and m.stop is not None}
        return tuple(last[stop] for stop in sorted(last))
