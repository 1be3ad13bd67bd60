"""What a source of fields is."""

from collections.abc import Callable, Iterator
from typing import Protocol

from leukoscope.errors import InputError
from leukoscope.runtime.field import Frame

OnFault = Callable[[InputError], None]
"""Told of each field that could not be read; the source goes on with the next."""


class Source(Protocol):
    """A finite row of fields that loses nothing."""

    total: int | None
    """How many fields it announces; None where it cannot know."""
    rate_hz: float | None
    """Fields a second of a recording; None where fields have no rhythm."""

    def frames(self, on_fault: OnFault) -> Iterator[Frame]:
        """The fields in their order, unreadable ones left out and told to `on_fault`."""
        ...
