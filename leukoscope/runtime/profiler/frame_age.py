"""Frame age at a camera's rate: the real stream, over a camera that gives fields from memory."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.field import Result
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.profiler.camera import open_camera
from leukoscope.runtime.profiler.cpu_time import Load, cpu_time, load_between
from leukoscope.runtime.profiler.field_stages import about
from leukoscope.runtime.profiler.inputs import Inputs
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.monitors.watch import watch
from leukoscope.runtime.profiler.percentiles import Distribution, distribution
from leukoscope.runtime.profiler.timed_calls import NS_PER_MS, NS_PER_S
from leukoscope.runtime.profiler.trust import Doubt, doubts
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.stream import stream

SETTLING_SHARE = 0.2
"""Of the seconds at the beginning, whose fields are left out: the networks' first calls are slow."""


@dataclass(frozen=True)
class StreamProfile:
    """Every frame was captured and became a field or is counted in `drops`, settling included."""

    rate_hz: float
    seconds: float
    captured: int
    fields: int
    drops: Mapping[str, int]
    fields_per_s: float | None
    age_ms: Distribution
    """Capture to result, of the fields after settling."""
    shown_ms: Distribution
    """Capture to the first sink, after the commit to the journal."""
    load: Load | None
    doubts: tuple[Doubt, ...]
    ages_ms: tuple[float, ...]
    at_s: tuple[float, ...]
    """When each of these fields was shown, from the beginning."""
    readings: tuple[Reading, ...]

    @property
    def dropped_share(self) -> float | None:
        return sum(self.drops.values()) / self.captured if self.captured else None

    @property
    def trusted(self) -> bool:
        return not self.doubts


Aged = tuple[float, float, float]
"""Seconds from the beginning, age of the result in ms, age when shown in ms."""


@dataclass
class Ages:
    """A sink that notes how old each result is when it arrives."""

    began_tick_ns: int
    results: list[Aged]

    def __enter__(self) -> "Ages":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        now = time.monotonic_ns()
        shown = (now - result.frame.captured_tick_ns) / NS_PER_MS
        at_s = (now - self.began_tick_ns) / NS_PER_S
        self.results.append((at_s, result.frame_age_ms, shown))


def profile_stream(
    bundle: Bundle,
    pipeline: Pipeline,
    inputs: Inputs,
    rate_hz: float,
    seconds: float,
    stopped: Callable[[], bool],
) -> StreamProfile:
    """Runs for `seconds`; `pipeline` is one for several threads. Each frame is a field, as with `--frames all`."""
    camera = open_camera([frame.pixels for frame in inputs.frames], rate_hz)
    ages, begin = Ages(time.monotonic_ns(), []), cpu_time()
    until = time.monotonic() + seconds

    with (
        watch() as watching,
        tempfile.TemporaryDirectory(prefix="leukoscope-") as folder,
        open_journal(Path(folder) / "slide.db", about(bundle)) as journal,
    ):
        tally = stream(
            camera,
            pipeline,
            [ages],
            rules=Rules(scale=ScaleKeeper()),
            record=SlideRecord(journal, None),
            stopped=lambda: stopped() or time.monotonic() >= until,
        )
    settled = after_settling(ages.results, seconds)
    load = load_between(begin, cpu_time())
    taken = [age for _, age, _ in settled]
    return StreamProfile(
        rate_hz=rate_hz,
        seconds=tally.seconds,
        captured=tally.captured,
        fields=tally.fields,
        drops=tally.drops,
        fields_per_s=tally.fields / tally.seconds if tally.fields else None,
        age_ms=distribution(taken),
        shown_ms=distribution([shown for _, _, shown in settled]),
        load=load,
        doubts=doubts(taken, None, load, watching.readings, turn=len(inputs.fields)),
        ages_ms=tuple(taken),
        at_s=tuple(at_s for at_s, _, _ in settled),
        readings=watching.readings,
    )


def after_settling(results: Sequence[Aged], seconds: float) -> list[Aged]:
    """Without the fields of the first SETTLING_SHARE of `seconds`."""
    return [one for one in results if one[0] >= seconds * SETTLING_SHARE]
