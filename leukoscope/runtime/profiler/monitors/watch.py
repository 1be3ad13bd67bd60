"""Watches the machine from a thread of its own while something is measured.

with watch() as watching:
    measure()
watching.readings                       # one each 0.2 s, whatever this machine can tell
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.profiler.monitors.host import Host
from leukoscope.runtime.profiler.monitors.jtop import open_jtop
from leukoscope.runtime.profiler.monitors.nvml import open_nvml
from leukoscope.runtime.profiler.monitors.nvpmodel import open_power_mode
from leukoscope.runtime.profiler.monitors.reading import Reading, joined
from leukoscope.runtime.profiler.monitors.source import Source
from leukoscope.runtime.profiler.monitors.tegrastats import open_tegrastats
from leukoscope.runtime.survey_gpu import TEGRA

INTERVAL_S = 0.2
READINGS_LIMIT = 100_000
"""Then every other one is dropped and the interval doubles: hours are watched in bounded memory."""
END_S = 5.0
Clock = Callable[[], int]


class Watching:
    """The readings of one watch, while it runs and after."""

    def __init__(
        self, sources: Sequence[Source], interval_s: float, notes: Sequence[str] = ()
    ) -> None:
        self._sources = list(sources)
        self._interval_s = interval_s
        self._notes = list(notes)
        self._readings: list[Reading] = []
        self._stop = threading.Event()
        self._began_ns, self._ended_ns = time.monotonic_ns(), 0
        self._cost_ns = 0
        self._thread = threading.Thread(target=self._run, name="monitors", daemon=True)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """In the order of time."""
        return tuple(self._readings)

    @property
    def sources(self) -> tuple[str, ...]:
        """What is asked: `tegrastats`, `nvml`, `host`, ..."""
        return tuple(one.name for one in self._sources)

    @property
    def notes(self) -> tuple[str, ...]:
        """What failed, a line each."""
        return tuple(self._notes)

    @property
    def own_cost_share(self) -> float:
        """Processor time of this thread over the time that passed: what the watching took from one core."""
        passed_ns = (self._ended_ns or time.monotonic_ns()) - self._began_ns
        return self._cost_ns / passed_ns if passed_ns > 0 else 0.0

    def start(self) -> None:
        """Begins; the first reading comes at once."""
        self._began_ns = time.monotonic_ns()
        self._thread.start()

    def stop(self) -> None:
        """Ends, after a last reading, and closes the sources."""
        self._stop.set()
        self._thread.join(END_S)
        self._ended_ns = time.monotonic_ns()
        if (
            self._thread.is_alive()
        ):  # a driver's call that does not come back must not hold the measurement
            self._notes.append("a monitor does not answer: it is left behind")
            return
        for source in self._sources:
            self._guarded(source, source.close)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._look()
            self._stop.wait(self._interval_s)
        self._look()

    def _look(self) -> None:
        parts = [part for one in tuple(self._sources) if (part := self._ask(one)) is not None]
        self._readings.append(joined(parts, time.monotonic_ns()))
        if len(self._readings) >= READINGS_LIMIT:
            del self._readings[1::2]
            self._interval_s *= 2
        self._cost_ns = time.thread_time_ns()

    def _ask(self, source: Source) -> Reading | None:
        found: list[Reading] = []
        if not self._guarded(source, lambda: found.append(source.read())):
            self._sources.remove(source)
            self._guarded(source, source.close)
        return found[0] if found else None

    def _guarded(self, source: Source, work: Callable[[], object]) -> bool:
        """Does it; whatever a monitor raises becomes a note."""
        try:
            work()
        except Exception as error:  # a sensor must never end a measurement
            words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            self._notes.append(f"{source.name} is left out: {words}")
            return False
        return True


@contextmanager
def watch(interval_s: float = INTERVAL_S) -> Iterator[Watching]:
    """Watches with all that this machine has. Raises nothing of its own; what fails is in `notes`."""
    watching = Watching(*_open_sources(interval_s))
    watching.start()
    try:
        yield watching
    finally:
        watching.stop()


def _open_sources(interval_s: float) -> tuple[list[Source], float, list[str]]:
    """A Jetson's own monitors first, as what they say of clocks and load is the board's; the host's files last."""
    sources: list[Source] = []
    notes: list[str] = []
    if TEGRA.exists():
        if not _opened(lambda: open_tegrastats(interval_s), sources, notes):
            _opened(lambda: open_jtop(interval_s), sources, notes)
        _opened(open_power_mode, sources, notes)
        _opened(open_nvml, sources, [])  # Thor has it, Orin does not: no news
    else:
        _opened(open_nvml, sources, [])
    _opened(Host, sources, notes)
    return sources, interval_s, notes


def _opened(make: Callable[[], Source], sources: list[Source], notes: list[str]) -> bool:
    try:
        sources.append(make())
    except LeukoscopeError as error:
        notes.append(str(error))
        return False
    except Exception as error:  # of a driver or a package that is broken
        notes.append(" ".join(f"{type(error).__name__}: {error}".split())[:200])
        return False
    return True
