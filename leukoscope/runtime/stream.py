"""A run: the source's fields through the pipeline into the sinks, and what came of it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from leukoscope.errors import InputError
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.sinks.sink import Sink
from leukoscope.runtime.sources.source import Source
from leukoscope.runtime.tally import Tally


def stream(
    source: Source,
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    *,
    stopped: Callable[[], bool] = lambda: False,
    progress: Progress = Silent(),  # noqa: B008
) -> Tally:
    """Judges every field of the source and gives it to every sink.

    A field that cannot be read is named and left out. When `stopped` says so, the field in hand is
    finished and the sinks are closed.
    """
    tally = Tally()

    def note_fault(fault: InputError) -> None:
        tally.unreadable.append(str(fault))
        progress.note(f"left out: {fault}")

    with ExitStack() as open_sinks:
        entered = [open_sinks.enter_context(sink) for sink in sinks]
        for frame in progress.track(source.frames(note_fault), "fields", total=source.total):
            result = pipeline(frame)
            for sink in entered:
                sink.write(result)
            tally.add(result)
            if stopped():
                tally.stopped = True
                break
    tally.close()
    return tally
