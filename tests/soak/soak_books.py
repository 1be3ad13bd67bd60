"""What is watched over a day: memory, ages, and that every frame is accounted for."""

import ctypes
import gc
import sqlite3
from array import array
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

PAGE_BYTES = 4096
MB = 1e6


def resident_mb() -> float:
    """Memory of this process that is in use now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / MB


def give_back() -> None:
    """What is garbage is collected, and what the allocator keeps in hand goes back to the system (glibc; elsewhere not)."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


class Memory:
    """Looked at now and then, after `give_back`."""

    def __init__(self) -> None:
        self.frames, self.mb = array("d"), array("d")

    def look(self, frames: int) -> None:
        give_back()
        self.frames.append(frames)
        self.mb.append(resident_mb())

    def growth_mb(self) -> float:
        """Over the second half: the slope of a line through it, times its length. The first half is for warming up."""
        half = len(self.mb) // 2
        x, y = np.array(self.frames[half:]), np.array(self.mb[half:])
        if len(x) < 3:
            return 0.0
        return float(np.polyfit(x, y, 1)[0] * (x[-1] - x[0]))

    def summary(self) -> dict:
        return {
            "looks": len(self.mb),
            "first_mb": round(self.mb[0], 1),
            "last_mb": round(self.mb[-1], 1),
            "most_mb": round(max(self.mb), 1),
            "growth_of_second_half_mb": round(self.growth_mb(), 2),
        }


class Ages:
    """A sink that keeps how old each result was."""

    def __init__(self, on_result=lambda: None) -> None:
        self.ms, self._on_result = array("d"), on_result

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def write(self, result) -> None:
        self.ms.append(result.frame_age_ms)
        self._on_result()

    def summary(self) -> dict:
        """Medians of the first tenth (after as much of warming up) and the last; none may be negative."""
        tenth = max(1, len(self.ms) // 10)
        first, last = self.ms[tenth : 2 * tenth], self.ms[-tenth:]
        return {
            "results": len(self.ms),
            "median_first_tenth_ms": round(float(np.median(first or self.ms)), 2),
            "median_last_tenth_ms": round(float(np.median(last)), 2),
            "least_ms": round(min(self.ms), 3),
            "most_ms": round(max(self.ms), 1),
        }


def session_of(journal: Path) -> dict:
    """Of the journal's last session, as the file has it: fields, drops, and fields that are there twice."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:

        def one(query, *values):
            return connection.execute(query, values).fetchone()[0] or 0

        session = one("SELECT max(id) FROM sessions")
        return {
            "fields": one("SELECT count(*) FROM fields WHERE session = ?", session),
            "drops": one("SELECT sum(count) FROM drops WHERE session = ?", session),
            "twice": one("SELECT count(*) - count(DISTINCT scope || source || name) FROM fields"),
            "ended": one("SELECT count(*) FROM sessions WHERE ended_tick_ns IS NOT NULL AND id = ?", session),
        }  # fmt: skip


class Books:
    """Every run of the day; a frame that is in no place is named by its run. Frames dropped as late are not `given`."""

    def __init__(self) -> None:
        self.runs = self.given = self.captured = self.fields = self.dropped = 0
        self.causes: dict[str, int] = {}
        self.wrong: list[str] = []

    def close(self, what: str, expected: int, tally, journal: Path) -> None:
        """`expected` frames were there, by whoever made them; the journal must have each, as a field or as dropped."""
        found = session_of(journal)
        self.runs += 1
        self.captured += expected
        self.given += expected - tally.drops.get("late", 0)
        self.fields += found["fields"]
        self.dropped += found["drops"]
        for cause, count in tally.drops.items():
            self.causes[cause] = self.causes.get(cause, 0) + count
        if found["fields"] + found["drops"] != expected or tally.captured != expected:
            self.wrong.append(
                f"{what}: {expected} frames, {tally.captured} captured, journal {found}, run {tally.drops}"
            )
        if found["fields"] != tally.fields or found["twice"] or not found["ended"]:
            self.wrong.append(f"{what}: {tally.fields} fields shown, journal {found}")

    def summary(self) -> dict:
        return {
            "runs": self.runs,
            "captured": self.captured,
            "given": self.given,
            "fields_in_journals": self.fields,
            "dropped": self.dropped,
            "drops": dict(sorted(self.causes.items())),
            "wrong": self.wrong,
        }
