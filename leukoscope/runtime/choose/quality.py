"""All that is measured on a frame, and what is wrong with it."""

from dataclasses import dataclass

from leukoscope.runtime.choose.best_focus import BestFocus
from leukoscope.runtime.choose.choice import Quality
from leukoscope.runtime.choose.cover import FAINTEST, cover_fault, find_cover
from leukoscope.runtime.choose.exposure import exposure_fault
from leukoscope.runtime.choose.ground import find_ground
from leukoscope.runtime.choose.profile import Profile, Size
from leukoscope.runtime.choose.reduced import Reducer
from leukoscope.runtime.choose.sharpness import SharpnessMeter
from leukoscope.runtime.choose.stops import Standing, Stops
from leukoscope.runtime.field import Frame

IN_FOCUS = 0.6
"""Share of the best sharpness that a frame must have (docs/choose.md has what that refuses)."""
NO_EDGE = 0.12
"""A sharpness that no field in focus is under, whatever the microscope: usual ones have 0.28 and more."""
SIZES_LIMIT = 16
"""Sizes of frames whose best focus is remembered; a camera has one, and another after a reset."""


@dataclass(frozen=True)
class Inspected:
    """One frame, measured."""

    standing: Standing
    quality: Quality
    fault: str | None
    """One of SKIPS, of what the frame shows; None where it shows a good field."""
    blank: bool
    """Whether it shows nothing at all."""


class Inspector:
    """Measures the frames of one camera, in order."""

    def __init__(self, profile: Profile | None = None) -> None:
        self.stops = Stops()
        self._profile = profile
        self._reduce, self._sharpness = Reducer(), SharpnessMeter()
        self._focus: dict[Size, BestFocus] = {}
        self._size: Size = (0, 0)

    def __call__(self, frame: Frame, at_s: float) -> Inspected:
        """`frame`, captured at `at_s` of a clock that does not run back."""
        if frame.size_px != self._size:
            self.stops.forget()
            self._size = frame.size_px
        green = self._reduce(frame.pixels)
        standing = self.stops.observe(green, at_s)
        ground = find_ground(green)
        cover = find_cover(ground)
        sharpness = self._sharpness(frame.pixels)
        focus = self._focus_of(self._size)
        share = focus.share(sharpness)
        fault = exposure_fault(ground)
        if fault is None:
            fault = cover_fault(cover)
            if fault != "empty" and _is_blurred(sharpness, share):
                fault = "out_of_focus"
            if standing.stop is not None and fault != "empty":
                focus.add(sharpness, at_s)
        motion_px = _length_px(standing, self._size)
        quality = Quality(sharpness, share, motion_px, ground.brightness, cover.cover, cover.piled)
        return Inspected(standing, quality, fault, ground.contrast < FAINTEST)

    def remember(self) -> None:
        """Puts the best focus that was seen into the profile, where there is one."""
        for size, focus in self._focus.items():
            if self._profile is not None and focus.best is not None:
                self._profile.keep(size, focus.best)

    def _focus_of(self, size: Size) -> BestFocus:
        if size not in self._focus:
            if len(self._focus) >= SIZES_LIMIT:
                self._focus.clear()
            kept = self._profile.best_sharpness(size) if self._profile is not None else None
            self._focus[size] = BestFocus(kept)
        return self._focus[size]


def _is_blurred(sharpness: float, share: float | None) -> bool:
    return sharpness < NO_EDGE or (share is not None and share < IN_FOCUS)


def _length_px(standing: Standing, size: Size) -> float | None:
    """The shift against the frame before, pixels of the frame."""
    if standing.shift is None:
        return None
    x, y = standing.shift.x * size[0], standing.shift.y * size[1]
    return float((x**2 + y**2) ** 0.5)
