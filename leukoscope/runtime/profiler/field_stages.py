"""Where a field's time goes: the whole path of `run`, one stage after the other, for one field at a time."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.images.decode import decode_image
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import Journal, open_journal
from leukoscope.runtime.picture_flags import picture_flags
from leukoscope.runtime.pipeline import Pipeline, with_engines
from leukoscope.runtime.profiler.cpu_time import Load, cpu_time, load_between
from leukoscope.runtime.profiler.inputs import EncodedField, Inputs
from leukoscope.runtime.profiler.percentiles import Distribution, distribution
from leukoscope.runtime.profiler.stopwatch import (
    COPIES,
    STAGES,
    Stopwatch,
    WatchedBackend,
    why_no_copies,
)
from leukoscope.runtime.profiler.timed_calls import Limits, Samples, time_calls
from leukoscope.runtime.profiler.trust import Doubt, doubts
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.sinks.picture import draw_picture

LEAST_ROUNDS = 2
"""Each field goes through so often before anything is timed."""
MOST_FIELDS = 2000


@dataclass(frozen=True)
class StageTime:
    """Milliseconds of one stage a field; `share` of the mean of the whole."""

    name: str
    what: str
    ms: Distribution | None
    share: float | None
    why_not: str | None = None
    """Why it was not measured, where `ms` is None."""


@dataclass(frozen=True)
class FieldProfile:
    """Fields one at a time: the stream does several stages at once, so that its frame age is less than `whole_ms`."""

    n: int
    whole_ms: Distribution
    stages: tuple[StageTime, ...]
    engine_by_network: Mapping[str, Distribution]
    """All of a field's calls of the network."""
    calls_a_field: float | None
    cells_a_field: float | None
    journal_folder: str
    """Where the journal of the trial was: whose disk was measured."""
    load: Load | None
    doubts: tuple[Doubt, ...]

    @property
    def trusted(self) -> bool:
        return not self.doubts


class StagedField:
    """A pipeline taken apart: `field(n)` takes the n-th field through every stage, and notes what each took."""

    def __init__(
        self, bundle: Bundle, pipeline: Pipeline, inputs: Inputs, journal: Journal
    ) -> None:
        self.watches: list[Stopwatch] = []
        self.cells: list[int] = []
        self._fields, self._journal, self._keeper = inputs.fields, journal, ScaleKeeper()
        engines = {
            name: replace(engine, backend=WatchedBackend(engine.backend, name, self.watches))
            for name, engine in pipeline.engines.items()
        }
        contracts = [engine.contract for engine in engines.values()]
        self._flags = picture_flags(inputs.reader, bundle, contracts, lambda text: None)
        self._pipeline = with_engines(pipeline, engines)

    @property
    def turn(self) -> int:
        """Fields until the first comes again."""
        return len(self._fields)

    def field(self, number: int) -> None:
        """Every call is another field to the journal."""
        watch = Stopwatch()
        self.watches.append(watch)
        result = self._judged(self._fields[number % len(self._fields)], number, watch)
        with watch.on("overlay"):
            draw_picture(result)
        with watch.on("journal"):
            self._journal.write(result)
        self.cells.append(len(result.cells))

    def forget(self) -> None:
        """What was timed so far was warm-up."""
        del self.watches[:], self.cells[:]

    def _judged(self, field: EncodedField, number: int, watch: Stopwatch) -> Result:
        path, known = self._pipeline, field.frame
        with watch.on("decode"):
            pixels = decode_image(field.data, known.name)
        frame = Frame(pixels, known.source, f"{number:06d}_{known.name}", number)
        with watch.on("scale"):
            frame = replace(frame, scale=self._keeper(frame))
            frame = replace(frame, flags=self._flags(frame))
        with watch.on("contract"):
            scaled = path.scale(frame)
            list(scaled.squares.values())
        with watch.on("outputs"):
            inferred = path.infer(scaled)
            list(inferred.readings.values())
        with watch.on("cells"):
            counted = path.find_cells(inferred)
        with watch.on("trees"):
            judged = path.cast_votes(counted)
        with watch.on("map"):
            return path.explain(judged)


def profile_fields(
    bundle: Bundle,
    pipeline: Pipeline,
    inputs: Inputs,
    seconds: float,
    stopped: Callable[[], bool],
) -> FieldProfile:
    """Takes the fields round and round for about `seconds`, after LEAST_ROUNDS rounds of warm-up."""
    with tempfile.TemporaryDirectory(prefix="leukoscope-profile-") as folder:
        with open_journal(Path(folder) / "slide.db", about(bundle)) as journal:
            staged = StagedField(bundle, pipeline, inputs, journal)
            warm = LEAST_ROUNDS * len(inputs.fields)
            time_calls(staged.field, Limits(seconds / 3, warm, stopped))
            staged.forget()
            rest = Limits(seconds * 2 / 3, MOST_FIELDS, stopped)
            begin = cpu_time()
            samples = time_calls(lambda n: staged.field(n + warm), rest)
            load = load_between(begin, cpu_time())
        why_not = why_no_copies([engine.backend for engine in pipeline.engines.values()])
        return _summary(staged, samples, load, why_not, str(Path(folder).parent))


def about(bundle: Bundle) -> SessionAbout:
    """What the trial's journal says of itself."""
    return SessionAbout(bundle.manifest_sha256, "", "profile", {}, "profile")


def _summary(
    staged: StagedField,
    samples: Samples,
    load: Load | None,
    why_not: str | None,
    folder: str,
) -> FieldProfile:
    watches = staged.watches
    whole = distribution(samples.taken_ms)
    networks = sorted({name for watch in watches for name in watch.by_network})
    n = len(watches)
    return FieldProfile(
        n=n,
        whole_ms=whole,
        stages=tuple(_stage(name, watches, whole.mean, why_not) for name in STAGES),
        engine_by_network={
            name: distribution([watch.by_network.get(name, 0.0) for watch in watches])
            for name in networks
        },
        calls_a_field=sum(watch.calls for watch in watches) / n if n else None,
        cells_a_field=sum(staged.cells) / n if n else None,
        journal_folder=folder,
        load=load,
        doubts=doubts(samples.taken_ms, None, load, turn=staged.turn),
    )


def _stage(
    name: str, watches: Sequence[Stopwatch], whole_ms: float | None, why_not: str | None
) -> StageTime:
    if name in COPIES and why_not is not None:
        return StageTime(name, STAGES[name], None, None, why_not)
    found = distribution([watch.ms[name] for watch in watches])
    share = found.mean / whole_ms if found.mean is not None and whole_ms else None
    return StageTime(name, STAGES[name], found, share)
