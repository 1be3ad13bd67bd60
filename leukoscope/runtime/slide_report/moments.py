"""Moments of the wall clock in UTC, and lengths of time."""

from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def utc(wall_ns: int, *, milliseconds: bool = False) -> str:
    """`2026-11-28T16:20:05Z`; what no calendar holds (a damaged clock) is given in seconds since 1970."""
    try:
        moment = EPOCH + timedelta(microseconds=wall_ns // 1000)
    except OverflowError:
        return f"{wall_ns // 10**9} s since 1970"
    text = moment.isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return text.replace("+00:00", "Z")


def for_people(wall_ns: int) -> str:
    """`2026-11-28 16:20:05 UTC`."""
    return utc(wall_ns).replace("T", " ").replace("Z", " UTC")


def length(seconds: float) -> str:
    """`12.4 s`, `3 min 05 s`, `2 h 07 min`."""
    if seconds < 60:
        return f"{seconds:.1f}\u00a0s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}\u00a0min {rest:02d}\u00a0s"
    return f"{minutes // 60}\u00a0h {minutes % 60:02d}\u00a0min"
