"""Keeps an eye on the colours of a run's fields: a flag for an odd one, one warning when the session has left what is known."""

from collections.abc import Callable

from leukoscope.runtime.drift import ColourDrift, DriftReading
from leukoscope.runtime.field import Frame

COLOUR_DRIFT = "colour_drift"


class ColourWatch:
    """Called for each field in its order, from one thread."""

    def __init__(self, drift: ColourDrift, warn: Callable[[str], None]) -> None:
        """`warn` is told in one line when a session begins to drift, and again after it had come back."""
        self._drift, self._warn = drift, warn
        self._drifted = False

    def __call__(self, frame: Frame) -> tuple[str, ...]:
        """`colour_drift` where the field's colours are unlike all that the networks were trained and calibrated on."""
        reading = self._drift(frame.pixels)
        if reading is None:
            return ()
        if reading.session_drifted and not self._drifted:
            self._warn(_in_words(reading))
        self._drifted = reading.session_drifted
        return (COLOUR_DRIFT,) if reading.field_flagged else ()


def _in_words(reading: DriftReading) -> str:
    return (
        f"the colours of the last fields are unlike those that {' and '.join(reading.unlike)} learnt from "
        f"(nearest: {reading.nearest}): check stain, lamp and white balance, or calibrate on this site's own images"
    )
