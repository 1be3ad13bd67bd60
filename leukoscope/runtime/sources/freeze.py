"""Whether a camera repeats one picture: sensors are noisy, so two real pictures are never the same to the last bit."""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.sources.clock import NS_PER_S

SAMPLES = 64
"""Rows and columns that are looked at in every picture; only before a verdict all of them are."""


class FreezeWatch:
    """Looks at every good picture; call `connected` when a connection begins.

    A picture without any variation (black, or burnt out) may well repeat itself and proves nothing.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_ns = int(limit_s * NS_PER_S)
        self._digest: int | None = None
        self._whole: int | None = None
        self._since_ns = 0
        self._is_frozen = False

    def connected(self) -> None:
        """A new connection begins at nothing, unless the last one was frozen: then only another picture will do."""
        if not self._is_frozen:
            self._begin(None, 0)

    def look(self, pixels: NDArray[Any], tick_ns: int) -> bool:
        """Whether the camera is frozen: for `limit_s` seconds every picture was this one. A limit of 0: never."""
        if self._limit_ns == 0:
            return False
        sample = _sample(pixels)
        digest = _crc(sample)
        if digest != self._digest or sample.min() == sample.max():
            self._begin(digest, tick_ns)
        elif self._is_frozen:
            self._compare(pixels, tick_ns)
        elif self._whole is None:
            # From half of the time on one whole picture is remembered: small changes lie between the samples.
            if tick_ns - self._since_ns >= self._limit_ns // 2:
                self._whole = _crc(pixels)
        elif tick_ns - self._since_ns >= self._limit_ns:
            self._compare(pixels, tick_ns)
        return self._is_frozen

    def _compare(self, pixels: NDArray[Any], tick_ns: int) -> None:
        if _crc(pixels) == self._whole:
            self._is_frozen = True
        else:
            self._begin(self._digest, tick_ns)

    def _begin(self, digest: int | None, tick_ns: int) -> None:
        self._digest, self._since_ns = digest, tick_ns
        self._whole, self._is_frozen = None, False


def _sample(pixels: NDArray[Any]) -> NDArray[Any]:
    """At most 2 SAMPLES rows and columns, evenly spread."""
    height, width = pixels.shape[:2]
    rows, columns = max(1, height // SAMPLES), max(1, width // SAMPLES)
    return np.ascontiguousarray(pixels[::rows, ::columns])


def _crc(pixels: NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(pixels).data)
