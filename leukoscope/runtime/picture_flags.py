"""What is flagged on a field before a network has seen it: its scale, its colours."""

from collections.abc import Callable, Iterable

from leukoscope.bundle.read import Bundle
from leukoscope.images.contract import Contract
from leukoscope.runtime.colour_watch import ColourWatch
from leukoscope.runtime.drift import open_drift
from leukoscope.runtime.field import Frame
from leukoscope.runtime.scale import is_out_of_reach
from leukoscope.runtime.scale_keeper import is_off
from leukoscope.runtime.sources.slide import SlideSource
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.sources.synthetic import SyntheticSource

SCALE_OFF = "scale_off"
Flags = Callable[[Frame], tuple[str, ...]]


def picture_flags(
    source: Source, bundle: Bundle, contracts: Iterable[Contract], warn: Callable[[str], None]
) -> Flags:
    """For each field, its scale known: `scale_off`, `colour_drift`. `warn` is told when a session's colours have drifted."""
    networks, colours = list(contracts), _colour_flags(source, bundle, warn)

    def flags(frame: Frame) -> tuple[str, ...]:
        off = is_off(frame.scale) or any(is_out_of_reach(frame, one) for one in networks)
        return (*((SCALE_OFF,) if off else ()), *colours(frame))

    return flags


def _colour_flags(source: Source, bundle: Bundle, warn: Callable[[str], None]) -> Flags:
    """Nothing for a bundle that does not say which colours its networks know, nor for painted fields: no lamp, no stain."""
    painted = isinstance(source, SyntheticSource | SlideSource)
    drift = None if painted else open_drift(bundle)
    return ColourWatch(drift, warn) if drift is not None else lambda frame: ()
