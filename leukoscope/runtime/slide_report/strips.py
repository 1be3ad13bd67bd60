"""What happened when, one strip a session: seconds since it began, by the clock that does not jump."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from leukoscope.runtime.journal.records import EventRow, FieldRow, StopRow
from leukoscope.runtime.journal.summary import Session

REST_S = 30.0
"""No field and no stop for so long is shown as a rest (our choice)."""
OFFLINE, ONLINE = ("lost",), ("live", "ended")
PAUSED, RESUMED = "paused", "resumed"
"""How the notes of a pause and of its end begin."""

Span = tuple[float, float]
Row = TypeVar("Row", FieldRow, StopRow, EventRow)


@dataclass(frozen=True)
class Event:
    """One line of the journal."""

    at_s: float
    state: str | None
    detail: str


@dataclass(frozen=True)
class Strip:
    """One session."""

    session: int
    seconds: float
    """Its length; of one without an end up to the last that is known."""
    fields_s: tuple[float, ...]
    """Of fields without a flag."""
    flagged_s: tuple[float, ...]
    stops_s: tuple[float, ...]
    """Of stops that gave no field."""
    offline: tuple[Span, ...]
    """The source was lost."""
    paused: tuple[Span, ...]
    """By the operator."""
    rests: tuple[Span, ...]
    """At least REST_S without a field or a stop, while neither offline nor paused."""
    events: tuple[Event, ...]


def strips_of(
    sessions: Sequence[Session],
    fields: Iterable[FieldRow],
    stops: Iterable[StopRow],
    events: Iterable[EventRow],
) -> tuple[Strip, ...]:
    """In the order of the sessions."""
    of_fields, of_stops, of_events = _by_session(fields), _by_session(stops), _by_session(events)
    return tuple(
        _strip(
            one,
            of_fields.get(one.id, []),
            of_stops.get(one.id, []),
            of_events.get(one.id, []),
        )
        for one in sessions
    )


def _strip(
    session: Session,
    fields: Sequence[FieldRow],
    stops: Sequence[StopRow],
    events: Sequence[EventRow],
) -> Strip:
    def since(tick_ns: int) -> float:
        return max(0.0, (tick_ns - session.began_tick_ns) / 1e9)

    plain = [since(one.captured_tick_ns) for one in fields if not one.flags]
    flagged = [since(one.captured_tick_ns) for one in fields if one.flags]
    missed = [since(one.captured_tick_ns) for one in stops]
    told = [Event(since(one.at_tick_ns), one.state, one.detail) for one in events]
    known = [*plain, *flagged, *missed, *(one.at_s for one in told)]
    end = max(known, default=0.0) if session.seconds is None else session.seconds
    offline = _spans(((one.at_s, _connection(one)) for one in told), end)
    paused = _spans(((one.at_s, _pause(one)) for one in told), end)
    rests = _rests([0.0, *sorted([*plain, *flagged, *missed]), end], [*offline, *paused])
    return Strip(
        session=session.id,
        seconds=end,
        fields_s=tuple(sorted(plain)),
        flagged_s=tuple(sorted(flagged)),
        stops_s=tuple(sorted(missed)),
        offline=offline,
        paused=paused,
        rests=rests,
        events=tuple(told),
    )


def _connection(event: Event) -> bool | None:
    """Whether it begins (True) or ends (False) an outage."""
    return True if event.state in OFFLINE else False if event.state in ONLINE else None


def _pause(event: Event) -> bool | None:
    if event.state is not None:
        return None
    words = event.detail.lower()
    return True if words.startswith(PAUSED) else False if words.startswith(RESUMED) else None


def _spans(marks: Iterable[tuple[float, bool | None]], end: float) -> tuple[Span, ...]:
    """From each True to the next False, or to the end."""
    spans: list[Span] = []
    began: float | None = None
    for at, begins in marks:
        if begins and began is None:
            began = at
        elif begins is False and began is not None:
            spans.append((began, at))
            began = None
    return (*spans, (began, max(began, end))) if began is not None else tuple(spans)


def _rests(moments: Sequence[float], told: Sequence[Span]) -> tuple[Span, ...]:
    """What is left of the long gaps between `moments` outside the spans `told`, where it is still long."""
    long = [gap for gap in pairwise(moments) if gap[1] - gap[0] >= REST_S]
    for start, stop in told:
        cut = [((a, min(b, start)), (max(a, stop), b)) for a, b in long]
        long = [part for parts in cut for part in parts if part[1] - part[0] >= REST_S]
    return tuple(sorted(long))


def _by_session(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.session, []).append(row)
    return found
