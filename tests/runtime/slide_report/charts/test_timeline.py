import re
from dataclasses import replace

from leukoscope.runtime.slide_report.charts.timeline import LEFT, RIGHT, TICKS, WIDTH, timeline
from leukoscope.runtime.slide_report.strips import Event, Strip


def strip(**changes) -> Strip:
    return replace(Strip(1, 100.0, (), (), (), (), (), (), ()), **changes)


def boxes(drawn: str, fill: str) -> list[tuple[float, float]]:
    """x and width of the rectangles of a colour."""
    found = re.findall(rf'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*fill="{fill}"', drawn)
    return [(float(x), float(wide)) for x, wide in found]


def test_spans_lie_where_they_were():
    drawn = timeline(strip(offline=((50.0, 75.0),), paused=((0.0, 10.0),), rests=((90.0, 100.0),)))
    room = WIDTH - RIGHT - LEFT
    assert boxes(drawn, "#8c1515") == [(LEFT + room / 2, room / 4)]
    assert boxes(drawn, "#5f6671") == [(LEFT, room / 10)]
    assert len(boxes(drawn, "#dfe3e8")) == 1


def test_fields_are_bars_with_the_flagged_on_top():
    drawn = timeline(strip(fields_s=(1.0, 1.01, 99.9), flagged_s=(1.0,)))
    assert len(boxes(drawn, "#0072b2")) == 2 and len(boxes(drawn, "#23272e")) == 1
    assert "3 fields without a flag, 1 flagged" in drawn


def test_a_strip_stays_small_however_much_happened():
    many = tuple(i / 100 for i in range(10_000))
    events = tuple(Event(at, None, "x") for at in many)
    assert len(timeline(strip(fields_s=many, stops_s=many, events=events))) < 200 * TICKS


def test_a_session_without_length_is_drawn():
    assert "session 1" in timeline(strip(seconds=0.0, offline=((0.0, 0.0),)))
    assert "hours" in timeline(strip(seconds=9e9)) and "minutes" in timeline(strip(seconds=600.0))
