from stand_ins import blob_field

from leukoscope.runtime.colour_watch import COLOUR_DRIFT, ColourWatch
from leukoscope.runtime.drift import DriftReading


def reading(*, flagged=False, drifted=False):
    return DriftReading(2.0, 3.0, "sg_cldff/bccd", flagged, 0.5, drifted, ("sg_cldff",))


def watched(readings):
    """The flags of one field after another, and the warnings."""
    warnings, given = [], iter(readings)
    watch = ColourWatch(lambda pixels: next(given), warnings.append)
    return [watch(blob_field()) for _ in readings], warnings


def test_an_odd_field_is_flagged_and_warns_of_nothing():
    flags, warnings = watched([reading(), reading(flagged=True), None, reading()])
    assert flags == [(), (COLOUR_DRIFT,), (), ()] and warnings == []


def test_a_session_warns_once_each_time_that_it_begins_to_drift():
    rows = [reading(drifted=one) for one in (False, True, True, False, True)]
    _, warnings = watched(rows)
    assert len(warnings) == 2
    assert "sg_cldff" in warnings[0] and "calibrate" in warnings[0] and "\n" not in warnings[0]
