"""What files and painted fields have in common: they lose nothing, and end when told."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Event, Lock

from leukoscope.errors import InputError
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.source import (
    OnEvent,
    OnFault,
    SourceEvent,
    SourceState,
    ignore_event,
)

UNREADABLE = "unreadable"
"""Cause of a drop: a file that cannot be read as an image."""


class RecordedSource(ABC):
    """Gives what `_read` yields, with the states around it; LIVE while there are fields, then ENDED."""

    live = False
    rate_hz: float | None = None
    total: int | None = None

    def __init__(self, name: str) -> None:
        self._name = name
        self._stopped = Event()
        self._lock = Lock()
        self._drops: Counter[str] = Counter()

    def frames(self, on_fault: OnFault, on_event: OnEvent = ignore_event) -> Iterator[Frame]:
        """See `Source.frames`."""
        with self._lock:
            self._drops.clear()
        on_event(SourceEvent(SourceState.LIVE, self._name, time.monotonic_ns()))
        fields, count = self._read(on_fault), 0
        try:
            while not self._stopped.is_set() and (frame := next(fields, None)) is not None:
                count += 1
                yield frame
        finally:
            del fields  # which closes it: a film is let go here
            ended = "stopped" if self._stopped.is_set() else "all read"
            detail = f"{ended} after {count} fields"
            on_event(SourceEvent(SourceState.ENDED, detail, time.monotonic_ns()))

    def stop(self) -> None:
        """See `Source.stop`; for good."""
        self._stopped.set()

    def drops(self) -> Mapping[str, int]:
        """See `Source.drops`: only files that cannot be read."""
        with self._lock:
            return dict(self._drops)

    def _leave_out(self, fault: InputError, on_fault: OnFault) -> None:
        with self._lock:
            self._drops[UNREADABLE] += 1
        on_fault(fault)

    @abstractmethod
    def _read(self, on_fault: OnFault) -> Iterator[Frame]:
        """The fields; closed where the run is stopped."""
