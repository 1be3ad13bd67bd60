"""The last thread of a run: gives recorded results to the sinks, in order."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.hand_over import HandOver
from leukoscope.runtime.sinks.sink import Sink

WAITING = 4
"""Results that may wait for the sinks; then the writer waits, for files must lose nothing."""


@runtime_checkable
class TakesSkips(Protocol):
    """A sink that tells of stops of the stage that gave no field."""

    def skip(self, frame: Frame) -> None:
        """`frame.choice` says why."""
        ...


class Show:
    """Results and skipped stops on their way to entered sinks."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks
        self._waiting: HandOver[Result | Frame] = HandOver(WAITING)

    def put(self, thing: Result | Frame) -> None:
        """A recorded result, or the frame of a skipped stop. Waits for room; raises Aborted once a sink has failed."""
        if self._sinks:
            self._waiting.put(thing)

    def close(self) -> None:
        """Nothing more comes; `run` ends when all is shown."""
        self._waiting.close()

    def abort(self) -> None:
        """Frees both sides; what waits is not shown."""
        self._waiting.abort()

    def run(self) -> None:
        """The thread's work."""
        try:
            for thing in self._waiting:
                self._tell(thing)
        except BaseException:
            self._waiting.abort()
            raise

    def _tell(self, thing: Result | Frame) -> None:
        for sink in self._sinks:
            if isinstance(thing, Result):
                sink.write(thing)
            elif isinstance(sink, TakesSkips):
                sink.skip(thing)
