"""What the chooser says of a frame."""

from dataclasses import dataclass

SKIPS: tuple[str, ...] = (
    "moving",
    "same_stop",
    "out_of_focus",
    "too_dark",
    "too_bright",
    "empty",
    "too_thick",
    "too_thin",
    "not_triggered",
)
"""Why a frame is not taken. A stop whose only frames were refused for what they show counts as one skipped field."""


@dataclass(frozen=True)
class Quality:
    """What was measured on a frame, on its reduced copy."""

    sharpness: float
    """Of the edges (sharpness.py), 0 without any; comparable within one microscope and one size of frames."""
    sharpness_share: float | None
    """Of the best of the last half minute, 0 to 1; None before there was one."""
    motion_px: float | None
    """Shift against the frame before, pixels of the frame; None for the first, and where the two have nothing in common."""
    brightness: float
    """Of the ground, 0 to 1."""
    cover: float
    """Share of the field that cells cover, 0 to 1."""
    piled: float
    """Share of that cover that lies in overlapping cells, 0 to 1; by density, so that dark white cells count a little."""


@dataclass(frozen=True)
class MissedField:
    """A stop that ended without a taken frame, or a press of the key that came to nothing: one skipped field."""

    stop: int | None
    """Its number; None for a press while the stage moved."""
    cause: str
    """The most frequent refusal of its frames, one of SKIPS; of two as frequent the later."""
    frames: int
    """How many frames of it were refused."""
    index: int
    """`Frame.index` of the last frame that was refused for `cause`."""
    captured_at_ns: int
    """Of that frame, wall clock, nanoseconds since the epoch."""
    quality: Quality
    """Of that frame."""


@dataclass(frozen=True)
class Choice:
    """Whether a frame becomes a field."""

    cause: str | None
    """One of SKIPS; None where the frame is taken."""
    stop: int | None
    """Number of the stage's stop, from 0; None while it moves, or where stops are not looked for."""
    quality: Quality | None
    """None where frames are taken as they come."""
    missed: MissedField | None = None
    """The field that was missed before this frame; it is told once."""

    @property
    def taken(self) -> bool:
        """Whether the frame becomes a field."""
        return self.cause is None
