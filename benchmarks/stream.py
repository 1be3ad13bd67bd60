"""What the stream adds to its networks, in one run: `python benchmarks/stream.py BUNDLE SOURCE`.

The source's fields are read into memory. The bare loop makes the backend calls that the stream makes for them (whole fields
or tiles, then crops), one after the other, on squares that are cut already. The stream does everything: it cuts, finds
cells, votes, lays maps, and commits each field to a journal on the disk; no sinks. They take turns.

Throughput: bare seconds over the stream's seconds, turn by turn. Frame age at rest: fields come one by one, the next when the
machine has been idle for IDLE_S; the age (capture to result, before the commit) less the same field's bare calls after the same rest.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from timing.command import arguments, note, run, show
from timing.interval import interval_of
from timing.record import HIGHER, Record
from timing.table import table

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.pipeline import Pipeline, for_many_fields, open_pipeline
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.scale_keeper import ScaleKeeper
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.stream import stream

Call = tuple[str, NDArray[np.uint8]]
IDLE_S = 0.15
WARM_UP = 3


class InMemory:
    """Frames that were read before; `idle_s` before each of them."""

    live, rate_hz = False, None

    def __init__(self, frames: list[Frame], idle_s: float = 0.0) -> None:
        self._frames, self._idle_s = frames, idle_s
        self.total: int | None = len(frames)
        self.ready: Callable[[], None] = lambda: None

    def frames(self, on_fault: Any, on_event: Any = None) -> Iterator[Frame]:
        for frame in self._frames:
            self.ready()
            time.sleep(self._idle_s)
            yield replace(
                frame, captured_at_ns=time.time_ns(), captured_tick_ns=time.monotonic_ns()
            )

    def stop(self) -> None: ...

    def drops(self) -> dict[str, int]:
        return {}


class Recorder:
    """A backend that writes down what it is asked."""

    def __init__(self, backend: Any, network: str, calls: list[Call]) -> None:
        self._backend, self._network, self._calls = backend, network, calls
        self.name, self.precision = backend.name, backend.precision

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        self._calls.append((self._network, frames.copy()))
        return self._backend.infer(frames)


def main() -> None:
    """Prints throughput and added age."""
    wanted = _arguments()
    bundle = open_bundle(wanted.bundle)
    settings = Settings(
        precision=wanted.precision,
        threads=wanted.threads,
        backend=wanted.backend,
        allow_untrained=wanted.allow_untrained,
    )
    record = Record("stream", [])
    pipeline = open_pipeline(bundle, settings, shared=True)
    many = for_many_fields(settings, live=False, fields=None)
    lanes = open_pipeline(bundle, many, shared=True)
    read = islice(open_source(wanted.source).frames(lambda fault: note(str(fault))), wanted.fields)
    frames = [replace(f, name=f"{n:04d}_{f.name}") for n, f in enumerate(read)]
    known = [replace(f, scale=ScaleKeeper()(f)) for f in frames]
    calls = [_calls_of(pipeline, frame) for frame in known]
    for _ in range(WARM_UP):
        _bare(pipeline, calls)
        _streamed(lanes, frames)
    ratios, rates = [], []
    for _ in range(wanted.turns):
        bare, whole = _bare(pipeline, calls), _streamed(lanes, frames)
        ratios.append(bare / whole)
        rates.append(len(frames) / whole)
    record.add("throughput, share of the bare loop's", interval_of(ratios), "x", HIGHER)
    record.add("fields a second", interval_of(rates), "1/s", HIGHER)
    record.details.update(
        fields=len(frames),
        size_px=list(frames[0].size_px),
        cells_a_field=round(_cells(pipeline, known), 2),
        calls_a_field=round(sum(map(len, calls)) / len(calls), 2),
        backend={n: f"{e.backend.name} {e.backend.precision}" for n, e in pipeline.engines.items()},
        at_rest_ms=_age(record, pipeline, known, calls, wanted.turns),
    )
    record.write(wanted.json)
    show(_table(record))
    show("\n" + record.notice())


def _table(record: Record) -> str:
    rows = [[name, one.interval.words(2), one.unit] for name, one in record.figures.items()]
    about = ("fields", "size_px", "cells_a_field", "calls_a_field", "backend")
    words = "; ".join(f"{key}: {record.details[key]}" for key in about)
    return table(["", "median (95 %)", "unit"], rows) + f"\n\n{words}"


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("source")
    parser.add_argument("--fields", type=int, default=24)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--allow-untrained", action="store_true")
    wanted = parser.parse_args()
    if wanted.short:
        wanted.fields, wanted.turns = 2, 2
    return wanted


def _calls_of(pipeline: Pipeline, frame: Frame) -> list[Call]:
    """The backend calls that one field makes."""
    calls: list[Call] = []
    before = {name: engine.backend for name, engine in pipeline.engines.items()}
    for name, engine in pipeline.engines.items():
        object.__setattr__(engine, "backend", Recorder(before[name], name, calls))
    try:
        pipeline(frame)
    finally:
        for name, engine in pipeline.engines.items():
            object.__setattr__(engine, "backend", before[name])
    return calls


def _bare(pipeline: Pipeline, calls: list[list[Call]]) -> float:
    began = time.perf_counter()
    for name, frames in (call for field in calls for call in field):
        pipeline.engines[name].infer(frames)
    return time.perf_counter() - began


def _streamed(pipeline: Pipeline, frames: list[Frame]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        about = SessionAbout("0" * 64, "", "benchmark", {}, "")
        with open_journal(Path(folder) / "slide.db", about) as journal:
            began = time.perf_counter()
            rules = Rules(scale=ScaleKeeper())
            stream(InMemory(frames), pipeline, [], rules=rules, record=SlideRecord(journal, None))
            return time.perf_counter() - began


def _age(
    record: Record,
    pipeline: Pipeline,
    frames: list[Frame],
    calls: list[list[Call]],
    turns: int,
) -> dict[str, Any]:
    """Figures over fields and turns, each field against its own calls; median and quartiles of all, in milliseconds."""
    found: dict[str, list[float]] = {"age": [], "bare calls": [], "added": [], "resizing": []}
    for _ in range(max(2, turns // 2)):
        keep = Keep()
        stream(InMemory(frames, IDLE_S), pipeline, [keep])
        for result, own, frame in zip(keep.results, calls, frames, strict=True):
            time.sleep(IDLE_S)
            found["bare calls"].append(1e3 * _bare(pipeline, [own]))
            found["age"].append(result.frame_age_ms)
            found["added"].append(found["age"][-1] - found["bare calls"][-1])
            found["resizing"].append(_resizing_ms(pipeline, frame))
    for name in ("age", "bare calls", "resizing"):
        record.add(f"at rest, {name}", interval_of(found[name]), "ms")
    return {name: _spread(values) for name, values in found.items()}


def _resizing_ms(pipeline: Pipeline, frame: Frame) -> float:
    """For both networks."""
    began = time.perf_counter()
    for squares in pipeline.scale(frame).squares.values():
        assert len(squares.pixels)
    return 1e3 * (time.perf_counter() - began)


class Keep:
    """A sink that keeps results."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def __enter__(self) -> "Keep":
        return self

    def __exit__(self, *error: object) -> None: ...

    def write(self, result: Result) -> None:
        self.results.append(result)


def _cells(pipeline: Pipeline, frames: list[Frame]) -> float:
    return statistics.mean(len(pipeline(frame).cells) for frame in frames)


def _spread(values: list[float]) -> list[float]:
    """Median, lower and upper quartile."""
    low, middle, high = statistics.quantiles(values, n=4)
    return [round(one, 3) for one in (middle, low, high)]


if __name__ == "__main__":
    run(main)
