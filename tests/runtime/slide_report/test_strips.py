import pytest
from rows_made import SECOND, event, field, session, stop

from leukoscope.runtime.slide_report.strips import strips_of


def strip(fields=(), stops=(), events=(), **changes):
    (found,) = strips_of([session(**changes)], fields, stops, events)
    return found


def at(seconds: float, **changes):
    return field(1, captured_tick_ns=round((100 + seconds) * SECOND), **changes)


def test_moments_are_seconds_since_the_session_began():
    found = strip([at(5), at(2, flags=("scale_off",))], [stop(7)], [event(1, "live")])
    assert (found.fields_s, found.flagged_s, found.stops_s) == ((5.0,), (2.0,), (7.0,))
    assert found.events[0].at_s == 1.0 and found.seconds == 300.0


def test_an_outage_lasts_from_lost_to_live_or_to_the_end():
    events = [event(10, "lost"), event(12, "lost"), event(40, "live"), event(200, "lost")]
    assert strip(events=events).offline == ((10.0, 40.0), (200.0, 300.0))


def test_a_pause_is_what_the_run_notes_of_it():
    events = [
        event(10, None, "paused by the operator"),
        event(25, None, "Resumed"),
        event(30, "lost", "paused"),
    ]
    assert strip(events=events).paused == ((10.0, 25.0),)


def test_long_gaps_are_rests_outside_outages_and_pauses():
    fields = [at(1), at(50), at(60), at(290)]
    events = [event(100, "lost"), event(150, "live")]
    assert strip(fields, events=events).rests == ((1.0, 50.0), (60.0, 100.0), (150.0, 290.0))
    assert strip([at(s) for s in range(0, 300, 20)]).rests == ()


def test_a_session_without_an_end_is_as_long_as_what_is_known():
    found = strip([at(5)], events=[event(9, "lost")], seconds=None, ending="crashed")
    assert found.seconds == 9.0 and found.offline == ((9.0, 9.0),)
    assert strip(seconds=None).seconds == 0.0


def test_rows_go_to_their_own_session():
    sessions = [session(1), session(2)]
    found = strips_of(sessions, [at(3), at(4, session=2)], [], [])
    assert [one.fields_s for one in found] == [(3.0,), (4.0,)]


@pytest.mark.parametrize("tick", [0, -(2**63), 2**63 - 1])
def test_any_clock_of_a_damaged_journal_gives_a_strip(tick):
    found = strip([field(1, captured_tick_ns=tick)])
    assert found.fields_s[0] >= 0


def test_the_viewer_s_notes_of_a_pause_are_understood():
    from leukoscope.runtime.viewer import control

    events = [event(10, None, control.PAUSED), event(25, None, control.RESUMED)]
    assert strip(events=events).paused == ((10.0, 25.0),)
