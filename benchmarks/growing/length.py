"""A long stream: time and memory against the number of fields.

`length_in_child` runs it in a process of its own, so that its memory is that of a run and nothing else:
`python -m growing.length BUNDLE FIELDS THREADS` in the folder of the scripts prints the JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from timing.interval import Interval, interval_of, ratio_of

from leukoscope.bundle.read import open_bundle
from leukoscope.errors import MachineError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.pipeline import Pipeline, open_pipeline
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.stream import stream

SEED, DIFFERENT, SIZE_PX = 91_000, 12, (320, 240)
SAMPLES = 200
PARTS = 8
"""Of the stream, for the time a field."""


@dataclass(frozen=True)
class Length:
    """What a long stream costs."""

    fields: int
    ms_a_field: tuple[Interval, ...]
    """In each of PARTS parts, one after the other."""
    last_over_second: Interval
    """Time a field in the last part over that in the second."""
    memory_ratio: Interval
    """Resident memory over the last quarter, over that of the second quarter."""
    bytes_a_field: Interval
    """Slope of the resident memory over the second half (Theil and Sen), bytes for each field more."""
    resident_mb: tuple[float, float]
    """After a quarter, and at the end."""

    def to_json(self) -> dict[str, Any]:
        return {
            "fields": self.fields,
            "ms_a_field": [one.to_json() for one in self.ms_a_field],
            "last_over_second": self.last_over_second.to_json(),
            "memory_ratio": self.memory_ratio.to_json(),
            "bytes_a_field": self.bytes_a_field.to_json(),
            "resident_mb": list(self.resident_mb),
        }


class Watch:
    """A sink that looks at the clock at each field, and at memory at some. Its own memory is there from the start."""

    def __init__(self, fields: int) -> None:
        self._every = max(1, fields // SAMPLES)
        self._done = 0
        self.ends_s = np.full(fields, -1.0)
        self.resident = np.full((fields // self._every, 2), -1.0)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *error: object) -> None: ...

    def write(self, result: Result) -> None:
        self.ends_s[self._done] = time.perf_counter()
        self._done += 1
        if self._done % self._every == 0:
            self.resident[self._done // self._every - 1] = self._done, resident_bytes()


class Repeated:
    """DIFFERENT painted fields over and over, each with a name of its own."""

    live, rate_hz = False, None

    def __init__(self, fields: int) -> None:
        self.total: int | None = fields
        self._pictures = [
            paint_field(STAGES[n % len(STAGES)], SEED + n, SIZE_PX).image for n in range(DIFFERENT)
        ]
        self.ready: Callable[[], None] = lambda: None

    def frames(self, on_fault: Any, on_event: Any = None) -> Iterator[Frame]:
        for number in range(self.total or 0):
            self.ready()
            picture = self._pictures[number % DIFFERENT]
            yield Frame(picture.copy(), "memory", f"{number:06d}", number)

    def stop(self) -> None: ...

    def drops(self) -> dict[str, int]:
        return {}


def length_in_child(bundle: Path, fields: int, threads: int) -> dict[str, Any]:
    """What `Length.to_json` gives, of a stream in a fresh process. MachineError where that fails."""
    command = [sys.executable, "-m", "growing.length", str(bundle), str(fields), str(threads)]
    scripts = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=scripts)
    if done.returncode:
        raise MachineError(f"the stream in a process of its own fails: {done.stderr[-300:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def long_stream(pipeline: Pipeline, fields: int) -> Length:
    """`fields` fields through the stream into a journal on the disk."""
    watch = Watch(fields)
    with tempfile.TemporaryDirectory() as folder:
        about = SessionAbout("0" * 64, "", "benchmark", {}, "")
        with open_journal(Path(folder) / "slide.db", about) as journal:
            record = SlideRecord(journal, None)
            stream(Repeated(fields), pipeline, [watch], rules=Rules(scale=ScaleKeeper()), record=record)  # fmt: skip
    return length_of(watch.ends_s, watch.resident)


def length_of(ends_s: NDArray[np.float64], resident: NDArray[np.float64]) -> Length:
    """From the moments [fields] at which fields were done, and [samples, 2] (fields, resident bytes) now and then."""
    parts = np.array_split(np.diff(ends_s) * 1e3, PARTS)
    count, memory = resident.T
    quarter = len(memory) // 4
    early, late = memory[quarter : 2 * quarter], memory[-quarter:]
    half = len(memory) // 2
    return Length(
        len(ends_s),
        tuple(interval_of(part) for part in parts),
        ratio_of(_blocks(parts[-1]), _blocks(parts[1])),
        ratio_of(late, early),
        interval_of(_slopes(count[half:], memory[half:])),
        (float(memory[quarter]) / 1e6, float(memory[-1]) / 1e6),
    )


def _blocks(values: np.ndarray) -> np.ndarray:
    """Means of ten blocks: single fields come in pairs, as two are judged at a time."""
    return np.array([block.mean() for block in np.array_split(values, 10)])


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of every pair half the range apart, so that each point is used once."""
    half = len(x) // 2
    return (y[half : 2 * half] - y[:half]) / (x[half : 2 * half] - x[:half])


def resident_bytes() -> int:
    """Of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmRSS")


if __name__ == "__main__":
    root, count, cores = sys.argv[1:]
    chosen = Settings(threads=int(cores), allow_untrained=True)
    opened = open_pipeline(open_bundle(Path(root)), chosen, shared=True)
    sys.stdout.write(json.dumps(long_stream(opened, int(count)).to_json(), allow_nan=False))
