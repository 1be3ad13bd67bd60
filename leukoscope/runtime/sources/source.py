"""What a source of fields is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from leukoscope.errors import InputError
from leukoscope.runtime.field import Frame

OnFault = Callable[[InputError], None]
"""Told of each field that could not be read; the source goes on with the next."""


class SourceState(Enum):
    """Where a source stands. A file is live until it has ended."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    ENDED = "ended"


@dataclass(frozen=True)
class SourceEvent:
    """A source has come to another state."""

    state: SourceState
    detail: str
    """One line for people, without credentials."""
    at_tick_ns: int
    """Monotonic clock."""


OnEvent = Callable[[SourceEvent], None]
"""Told of each change of state, from whichever thread saw it."""


def ignore_event(event: SourceEvent) -> None:
    """For those who do not ask."""


class Source(Protocol):
    """A row of fields: a file or a folder loses nothing, a camera keeps the newest frame."""

    total: int | None
    """How many fields it announces; None where it cannot know."""
    rate_hz: float | None
    """Fields a second of a recording or a camera; None where fields have no rhythm."""
    live: bool
    """Whether what is not taken in time is dropped (and counted in `drops`)."""

    def frames(self, on_fault: OnFault, on_event: OnEvent = ignore_event) -> Iterator[Frame]:
        """The fields in their order, unreadable ones left out and told to `on_fault`; waits for a live source's next."""
        ...

    def stop(self) -> None:
        """From any thread and in every state: `frames` ends soon, after the frame in hand."""
        ...

    def drops(self) -> Mapping[str, int]:
        """Frames that the source saw and did not give, by cause, since `frames` began; any thread may ask."""
        ...
