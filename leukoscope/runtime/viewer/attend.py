"""A stream with somebody looking on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from leukoscope.progress import Progress
from leukoscope.runtime.drops import Drops
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.record import Record
from leukoscope.runtime.session import Session
from leukoscope.runtime.sinks.sink import Sink
from leukoscope.runtime.sources.source import Source, SourceEvent
from leukoscope.runtime.stream import stream
from leukoscope.runtime.tally import Tally
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.viewer.board import Board, RunAbout, RunState
from leukoscope.runtime.viewer.door import Door
from leukoscope.runtime.viewer.viewer import Viewer


class ViewerSink:
    """Puts each result on the board, and is done: nothing is encoded, nobody is waited for."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def __enter__(self) -> "ViewerSink":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The board outlives the stream: the last field stays in sight."""

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        self._board.show(result)


class WatchedRecord:
    """A record whose events are on the board too."""

    def __init__(self, record: Record, board: Board) -> None:
        self._record, self._board = record, board

    def write(self, result: Result, drops: Mapping[str, int]) -> Result:
        """See `Record.write`."""
        return self._record.write(result, drops)

    def skip(self, frame: Frame) -> None:
        """See `Record.skip`."""
        self._record.skip(frame)

    def drops(self, counts: Mapping[str, int]) -> None:
        """See `Record.drops`."""
        self._record.drops(counts)

    def rest(self, counts: Mapping[str, int]) -> None:
        """See `Record.rest`."""
        self._record.rest(counts)

    def event(self, event: SourceEvent) -> None:
        """See `Record.event`."""
        self._record.event(event)
        self._board.hear(event)

    def note(self, text: str) -> None:
        """See `Record.note`."""
        self._record.note(text)

    def stop(self) -> None:
        """See `Record.stop`."""
        self._record.stop()
        self._board.move_to(RunState.ENDING)


@contextmanager
def attended(
    door: Door | None,
    about: RunAbout,
    pipeline: Pipeline,
    journal: Path | None,
    warn: Callable[[str], None],
) -> Iterator[Viewer | None]:
    """The viewer behind the door; None where there is no door."""
    if door is None:
        yield None
        return
    from leukoscope.runtime.viewer.opening import open_viewer

    trees = pipeline.cast_votes.trees
    map_trees = None if trees is None else MapTrees(trees.blob, trees.classes)
    with open_viewer(door, about, map_trees=map_trees, journal=journal, warn=warn) as viewer:
        yield viewer


def attended_stream(
    viewer: Viewer | None,
    source: Source,
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    session: Session,
    stopped: Callable[[], bool],
    progress: Progress,
) -> Tally:
    """`stream`, shown to the viewer, which may pause and end it; without one the stream alone."""
    run = partial(stream, source, pipeline, target=session.target, progress=progress)
    if viewer is None:
        return run(sinks, rules=session.rules, record=session.record, stopped=stopped)
    drops = Drops(source)
    viewer.board.books = drops.books
    viewer.control.write = session.record.note
    return run(
        [ViewerSink(viewer.board), *sinks],
        rules=replace(session.rules, pause=viewer.pause),
        record=WatchedRecord(session.record, viewer.board),
        stopped=lambda: stopped() or viewer.control.is_ended,
        drops=drops,
    )
