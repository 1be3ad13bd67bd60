"""How long work is shown: rooms report to a `Progress`, the command line draws it, tests keep it silent."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Something that shows work under way on stderr."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """Yields `items` and counts them under the heading `what`; `total` where `items` has no length."""
        ...

    def status(self, text: str) -> None:
        """Sets the text at the end of the bar that is running, such as the loss."""
        ...

    def note(self, text: str) -> None:
        """Prints one line that stays."""
        ...


class Silent:
    """Shows nothing."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        yield from items

    def status(self, text: str) -> None: ...

    def note(self, text: str) -> None: ...
