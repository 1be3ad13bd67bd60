"""What the URIs of all cameras have in common: the picture that is asked for, and how long silence is borne."""

from dataclasses import dataclass

from leukoscope.images.decode import MIN_SIDE_PX
from leukoscope.runtime.sources.grammar import Values
from leukoscope.runtime.sources.keeper import Patience

MAX_SIDE_PX = 16384
MAX_RATE_HZ = 1000
MAX_SILENCE_S = 3600.0
PICTURE_KEYS = ("width", "height", "fps")
PATIENCE_KEYS = ("stall", "frozen")


@dataclass(frozen=True)
class Picture:
    """What a camera is asked for; 0 leaves it to the driver, and no camera has to obey."""

    width_px: int
    height_px: int
    rate_hz: int


def read_picture(values: Values, default: Picture) -> Picture:
    """From the keys width, height and fps; InputError for one out of range."""
    return Picture(
        values.integer("width", default.width_px, MIN_SIDE_PX, MAX_SIDE_PX),
        values.integer("height", default.height_px, MIN_SIDE_PX, MAX_SIDE_PX),
        values.integer("fps", default.rate_hz, 1, MAX_RATE_HZ),
    )


def read_patience(values: Values, default: Patience = Patience()) -> Patience:  # noqa: B008
    """From the keys stall and frozen, seconds (frozen=0: never); InputError for one out of range."""
    stall_s = values.seconds("stall", default.stall_s, 0.5, MAX_SILENCE_S)
    return Patience(
        stall_s=stall_s,
        open_s=max(default.open_s, stall_s),
        frozen_s=values.seconds("frozen", default.frozen_s, 0.0, MAX_SILENCE_S),
    )
