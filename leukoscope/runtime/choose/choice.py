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
    """Of the reduced copy; comparable within one microscope."""
    sharpness_share: float | None
    """Of the best of the last half minute, 0 to 1; None before there was one."""
    motion_px: float | None
    """Shift against the frame before, pixels of the frame; None for the first."""
    brightness: float
    """Of the ground, 0 to 1."""
    cover: float
    """Share of the field that cells cover, 0 to 1."""
    piled: float
    """Share of that cover that lies in overlapping cells, 0 to 1."""


@dataclass(frozen=True)
class Choice:
    """Whether a frame becomes a field."""

    cause: str | None
    """One of SKIPS; None where the frame is taken."""
    stop: int | None
    """Number of the stage's stop, from 0; None while it moves, or where stops are not looked for."""
    quality: Quality | None
    """None where frames are taken as they come."""

    @property
    def taken(self) -> bool:
        """Whether the frame becomes a field."""
        return self.cause is None
