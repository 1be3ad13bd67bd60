"""Whether two pictures overlap, and at which shift."""

from dataclasses import dataclass

import numpy as np

from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.overlap import Agreement, Shift, agreement, common, ncc, overlap_share
from leukoscope.runtime.slide.picture import SIDE_PX, Picture
from leukoscope.runtime.slide.spectrum import Tile, correlation

PEAKS = 5
"""Shifts that are tried: dirt on the camera takes the one at zero, a periodic lattice several."""
PEAK_RADIUS_PX = 4
MIN_OVERLAP = 0.15
"""Of the smaller picture; a lesser overlap is not looked for."""
MIN_NEAR_OVERLAP = 0.08
"""Where the shift is known but for a few pixels."""
NEAR_PX = 6
"""How far a predicted shift may be off, picture pixels."""
PROVEN_NCC, PROVEN_BLOCK_NCC = 0.5, 0.65
"""From here a match is accepted. benchmarks/slide_map.py: fields that overlap reach more, others less."""
SURE_BLOCKS = 10.0
"""With less to compare, a few cells, more is asked: round cells resemble each other."""
PROVEN_NCC_OF_FEW, PROVEN_BLOCK_NCC_OF_FEW = 0.7, 0.8
MIN_EVIDENCE_BLOCKS = 4.5
"""With less, one cell or two, nothing is proven."""
POSSIBLE_BLOCK_NCC, POSSIBLE_BLOCK_NCC_OF_FEW = 0.5, 0.8
"""From here a match that is not proven is possible, and the field is flagged; the second under MIN_EVIDENCE_BLOCKS."""
MIN_MARGIN = 0.15
"""By how much the whole overlap's correlation must exceed the next best shift's: less, and the picture is periodic."""
MIN_PEAK = 0.02
"""Height of the peak of phase correlation, of which 1 is a picture with itself."""


@dataclass(frozen=True)
class Match:
    """The best shift of one picture on another."""

    shift_px: tuple[float, float]
    """x, y of the second's corner on the first, picture pixels."""
    overlap: float
    """Of the smaller picture, 0 to 1."""
    peak: float
    """Height of the peak of phase correlation: its sharpness, for the whole surface sums to a constant."""
    agreement: Agreement
    runner_up_ncc: float
    """Of the next best shift; 0 where only one was looked at."""

    @property
    def possible(self) -> bool:
        """Whether it may be an overlap."""
        found = self.agreement
        few = found.evidence_blocks < MIN_EVIDENCE_BLOCKS
        return found.block_ncc >= (POSSIBLE_BLOCK_NCC_OF_FEW if few else POSSIBLE_BLOCK_NCC)

    @property
    def proven(self) -> bool:
        """Whether it is one."""
        found = self.agreement
        few = found.evidence_blocks < SURE_BLOCKS
        least = PROVEN_NCC_OF_FEW if few else PROVEN_NCC
        return (
            found.evidence_blocks >= MIN_EVIDENCE_BLOCKS
            and self.peak >= MIN_PEAK
            and found.ncc >= max(least, self.runner_up_ncc + MIN_MARGIN)
            and found.block_ncc >= (PROVEN_BLOCK_NCC_OF_FEW if few else PROVEN_BLOCK_NCC)
        )


def register(first: Picture, second: Picture) -> Match | None:
    """The best overlap of the two wherever it lies; None where no shift leaves enough of it."""
    surface = correlation(first.fine, second.fine)
    tried = []
    for peak in _peaks(surface):
        best = _best_alias(first.detail, second.detail, peak)
        if best is not None:
            tried.append(best)
    tried.sort(reverse=True)
    if not tried:
        return None
    runner_up = tried[1][0] if len(tried) > 1 else 0.0
    return _match(first, second, surface, tried[0][1], runner_up)


def register_near(
    first: Picture, second: Picture, predicted_px: tuple[float, float]
) -> Match | None:
    """The overlap within NEAR_PX of `predicted_px`; None where that leaves too little of it."""
    surface = correlation(first.fine, second.fine)
    x, y = (round(value) for value in predicted_px)
    span = np.arange(-NEAR_PX, NEAR_PX + 1)
    window = surface[np.ix_((y + span) % SIDE_PX, (x + span) % SIDE_PX)]
    row, column = np.unravel_index(int(window.argmax()), window.shape)
    shift = x + int(span[column]), y + int(span[row])
    if overlap_share(first.detail, second.detail, shift) < MIN_NEAR_OVERLAP:
        return None
    return _match(first, second, surface, shift, 0.0)


def _peaks(surface: Tile) -> list[Shift]:
    """The highest places (x, y) of the circular surface, apart from each other; their surroundings are not kept."""
    left, found = surface.copy(), []
    around = np.arange(-PEAK_RADIUS_PX, PEAK_RADIUS_PX + 1)
    for _ in range(PEAKS):
        x, y = cv2.minMaxLoc(left)[3]
        found.append((x, y))
        left[np.ix_((y + around) % SIDE_PX, (x + around) % SIDE_PX)] = -1
    return found


def _best_alias(first: Tile, second: Tile, peak: Shift) -> tuple[float, Shift] | None:
    """The NCC and the shift of the best of the four that one place of the circular surface may mean."""
    best: tuple[float, Shift] | None = None
    for x in (peak[0], peak[0] - SIDE_PX):
        for y in (peak[1], peak[1] - SIDE_PX):
            parts = common(first, second, (x, y))
            if parts is None or parts[0].size < MIN_OVERLAP * min(first.size, second.size):
                continue
            found = ncc(*parts)
            if best is None or found > best[0]:
                best = found, (x, y)
    return best


def _match(
    first: Picture, second: Picture, surface: Tile, shift: Shift, runner_up: float
) -> Match | None:
    parts = common(first.detail, second.detail, shift)
    if parts is None:
        return None
    x, y = shift
    return Match(
        (x + _summit(surface[y % SIDE_PX], x), y + _summit(surface[:, x % SIDE_PX], y)),
        parts[0].size / min(first.detail.size, second.detail.size),
        float(surface[y % SIDE_PX, x % SIDE_PX]),
        agreement(*parts),
        runner_up,
    )


def _summit(line: Tile, at: int) -> float:
    """How far the summit of the parabola through three points lies from the middle one, at most half a pixel."""
    low, middle, high = (float(line[(at + step) % SIDE_PX]) for step in (-1, 0, 1))
    bend = low - 2 * middle + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < 0 else 0.0
