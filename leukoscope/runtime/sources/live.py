"""A live source: the newest frame of a camera that may go and come back."""

from collections.abc import Iterator, Mapping
from threading import Thread

from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.backoff import Backoff
from leukoscope.runtime.sources.clock import SYSTEM_CLOCK, Clock
from leukoscope.runtime.sources.connection import OpenCapture
from leukoscope.runtime.sources.keeper import Keeper, Patience
from leukoscope.runtime.sources.newest import NewestFrame
from leukoscope.runtime.sources.source import OnEvent, OnFault, ignore_event

FAREWELL_S = 1.0
"""How long `frames` waits for its keeper at the end; who listens to events and hangs is left behind."""


class LiveSource:
    """Fulfils `Source` for whatever `open_capture` opens; at most one `frames` at a time.

    `name` (without credentials) is every frame's `source`, `stem` begins every frame's name. Frames seen by the reader
    = frames given + the sum of `drops()` once `frames` has ended; before, one more may wait.
    """

    live = True
    total: int | None = None

    def __init__(
        self,
        name: str,
        stem: str,
        open_capture: OpenCapture,
        patience: Patience,
        *,
        rate_hz: float | None = None,
        backoff: Backoff | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.name, self.rate_hz, self.patience = name, rate_hz, patience
        self._stem, self._open, self._clock = stem, open_capture, clock
        self._backoff = Backoff() if backoff is None else backoff
        self._newest = NewestFrame()
        self._stopped = False

    def frames(self, on_fault: OnFault, on_event: OnEvent = ignore_event) -> Iterator[Frame]:
        """See `Source.frames`; an outage that is too long is the only fault, told before the end."""
        newest = self._newest = NewestFrame()
        if self._stopped:
            newest.stop()
        self._backoff.reset()
        keeper = Keeper(
            self.name, self._open, newest, self.patience, self._backoff, self._clock, on_event
        )
        thread = Thread(target=keeper.run, name="camera keeper", daemon=True)
        thread.start()
        try:
            yield from self._frames_of(newest)
        finally:
            newest.stop()
            thread.join(FAREWELL_S)
        if keeper.error is not None:
            raise keeper.error
        if keeper.fault is not None:
            on_fault(keeper.fault)

    def stop(self) -> None:
        """See `Source.stop`; for good."""
        self._stopped = True
        self._newest.stop()

    def drops(self) -> Mapping[str, int]:
        """See `Source.drops`; the causes are those of `newest.py`."""
        return self._newest.drops()

    def books(self) -> tuple[int, int, int]:
        """Frames seen by the reader, given, dropped: of one moment."""
        return self._newest.books()

    def _frames_of(self, newest: NewestFrame) -> Iterator[Frame]:
        index = 0
        while (grabbed := newest.take()) is not None:
            yield Frame(
                grabbed.pixels,
                self.name,
                f"{self._stem}_{index:06d}",
                index,
                captured_at_ns=grabbed.at_ns,
                captured_tick_ns=grabbed.tick_ns,
            )
            del grabbed  # its memory is free as soon as the pipeline lets go of it
            index += 1
