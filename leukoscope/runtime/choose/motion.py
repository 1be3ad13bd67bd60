"""How far the picture has moved between two reduced copies: phase correlation (Kuglin and Hines 1975).

The method is the textbook's; the weights and the limits are our choice.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2
from leukoscope.runtime.choose.reduced import Green

Spectrum = NDArray[np.float32]
"""[h', w', 2], real and imaginary part."""

HALVED_PX = 160
"""Copies from this width on are halved again: a hundred pixels tell places apart, and cost a quarter."""
QUIET_LEVELS = 0.6
"""Two copies whose mean difference is less, of 255 levels, show the same: no correlation is needed."""
DULL_LEVELS = 2.5
"""Where the correlation finds nothing: copies that differ by less are taken to be at rest (an empty ground's noise)."""
SMOOTHING = 0.18
"""Width of the Gaussian that weighs frequencies, in cycles a pixel: noise is in those above it."""
MIN_RESPONSE = 0.15
"""A peak under this is not looked at: what two fields without a common place give is 0.11 at the median."""
MIN_LIKENESS = 0.65
"""Laid over each other by the shift, two copies must be alike by this coefficient of correlation; at the same place
it is 0.91 and more, also far out of focus (docs/choose.md). What is fixed to the camera, dust or its sensor's
pattern, has a peak at no shift whatever the stage does; this sees through it."""
MIN_COMMON = 0.6
"""Share of the field that both must show: halves of two fields, a few large cells in each, can be alike by chance."""
LEAST_SIZE = np.float32(1e-3)
"""Added to a frequency's size, so that none is divided by nothing."""


@dataclass(frozen=True)
class Shift:
    """From one copy to the other, as shares of the field's width and height."""

    x: float
    y: float
    response: float
    """Height of the correlation's peak, 0 to 1."""


@dataclass(eq=False)
class Look:
    """A reduced copy kept for comparisons; its spectrum is made when first asked for."""

    green: Green
    """[h, w]; a copy of its own, halved where it is large."""
    window: "Window"
    _spectrum: Spectrum | None = field(default=None, repr=False)

    @property
    def spectrum(self) -> Spectrum:
        """[h', w', 2] of the windowed picture, each frequency of size 1: only where things are is left, not how dark."""
        if self._spectrum is None:
            self._spectrum = self.window.spectrum_of(self.green)
        return self._spectrum


class Window:
    """What comparisons of copies of one size share: the part that is used, its taper, the frequencies' weights."""

    def __init__(self, shape: tuple[int, int]) -> None:
        """`shape` is the copies' (height, width)."""
        factor = 2 if shape[1] >= HALVED_PX and shape[0] > 1 else 1
        self._kept = shape[0] // factor, shape[1] // factor
        self.height, self.width = (_good_length(side) for side in self._kept)
        self._taper = np.outer(np.hanning(self.height), np.hanning(self.width)).astype(np.float32)
        rows = np.fft.fftfreq(self.height)[:, None] ** 2
        columns = np.fft.fftfreq(self.width)[None, :] ** 2
        weights = np.exp(-(rows + columns) / (2 * SMOOTHING**2))
        weights[0, 0] = 0.0
        weights /= max(float(weights.sum()), 1e-9)
        self._weights = np.repeat(weights[..., None], 2, axis=2).astype(np.float32)

    def look(self, green: Green) -> Look:
        """A copy of `green` that can be compared."""
        height, width = self._kept
        if (height, width) == green.shape:
            return Look(green.copy(), self)
        size = (width, height)
        kept = green[: 2 * height, : 2 * width]
        return Look(
            np.asarray(cv2.resize(kept, size, interpolation=cv2.INTER_AREA), np.uint8), self
        )

    def spectrum_of(self, green: Green) -> Spectrum:
        """[h', w', 2], as `Look.spectrum`."""
        part = green[: self.height, : self.width].astype(np.float32)
        part -= np.float32(cv2.mean(part)[0])
        part *= self._taper
        both = np.asarray(cv2.dft(part, flags=cv2.DFT_COMPLEX_OUTPUT), np.float32)
        size = cv2.magnitude(both[..., 0], both[..., 1])
        size += LEAST_SIZE
        both /= size[..., None]
        return both

    def shift(self, before: Look, now: Look) -> Shift | None:
        """How far the picture went from `before` to `now`; None where the two have no place in common."""
        difference = cv2.norm(before.green, now.green, cv2.NORM_L1) / before.green.size
        if difference < QUIET_LEVELS:
            return Shift(0.0, 0.0, 1.0)
        found = self._correlate(before.spectrum, now.spectrum)
        if found.response >= MIN_RESPONSE and self._likeness(before, now, found) >= MIN_LIKENESS:
            return found
        return Shift(0.0, 0.0, found.response) if difference < DULL_LEVELS else None

    def _likeness(self, before: Look, now: Look, shift: Shift) -> float:
        """Pearson's coefficient of the parts that both show; 0 where those are small, or one of them plain."""
        right, down = round(shift.x * self._kept[1]), round(shift.y * self._kept[0])
        one, other = _common(before.green, now.green, right, down)
        if one.size < MIN_COMMON * before.green.size:
            return 0.0
        one -= one.mean()
        other -= other.mean()
        size = float(np.sqrt(one @ one) * np.sqrt(other @ other))
        return float(one @ other) / size if size > 0 else 0.0

    def _correlate(self, before: Spectrum, now: Spectrum) -> Shift:
        cross = cv2.mulSpectrums(now, before, 0, conjB=True)
        cv2.multiply(cross, self._weights, dst=cross)
        surface = np.asarray(
            cv2.dft(cross, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT), np.float32
        )
        _, peak, _, at = cv2.minMaxLoc(surface)
        x, y = _centre(surface, (at[0], at[1]))
        return Shift(x / self._kept[1], y / self._kept[0], min(1.0, max(0.0, float(peak))))


def _centre(surface: Spectrum, at: tuple[int, int]) -> tuple[float, float]:
    """The peak's centre about its highest pixel `at` (x, y), wrapped to both signs.

    The weights make the peak a Gaussian, so three logarithms give its centre exactly.
    """
    height, width = surface.shape
    across = [float(surface[at[1], (at[0] + step) % width]) for step in (-1, 0, 1)]
    down = [float(surface[(at[1] + step) % height, at[0]]) for step in (-1, 0, 1)]
    return _signed(at[0] + _summit(across), width), _signed(at[1] + _summit(down), height)


def _common(
    before: Green, now: Green, right: int, down: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What both show, where the picture went `right` and `down` by so many pixels."""
    height, width = before.shape
    one = before[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    other = now[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    return one.astype(np.float32).ravel(), other.astype(np.float32).ravel()


def _summit(three: list[float]) -> float:
    """Where the Gaussian through three neighbouring values has its highest place, -0.5 to 0.5 from the middle."""
    left, middle, right = (np.log(max(value, 1e-9)) for value in three)
    bend = 2 * middle - left - right
    return float(np.clip((right - left) / (2 * bend), -0.5, 0.5)) if bend > 0 else 0.0


def _signed(at: float, side: int) -> float:
    return at - side if at > side / 2 else at


def _good_length(side: int) -> int:
    """The greatest length up to `side` without a prime factor above 5, which a Fourier transform likes."""
    for length in range(side, 0, -1):
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
    return 1
