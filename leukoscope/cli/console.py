"""What every verb shares on the terminal: progress and words on stderr, data on stdout."""

import json
import sys
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # rich takes a tenth of a second, which `--help` need not
    from rich.progress import Progress as RichProgress
    from rich.table import Table

T = TypeVar("T")

RESEARCH_USE = "Research use only. Not a medical device."


class TerminalProgress:
    """Draws a `leukoscope.progress.Progress` with rich: one bar for each track that is under way."""

    def __init__(self, bars: "RichProgress") -> None:
        self._bars = bars

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """Yields `items`; the bar leaves with the last."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        task = self._bars.add_task(what, total=total, text="")
        try:
            for item in items:
                yield item
                self._bars.advance(task)
        finally:
            self._bars.remove_task(task)

    def status(self, text: str) -> None:
        """Sets the text at the end of the newest bar."""
        if self._bars.task_ids:
            self._bars.update(self._bars.task_ids[-1], text=text)

    def note(self, text: str) -> None:
        """Prints one line above the bars."""
        self._bars.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress() -> Iterator[TerminalProgress]:
    """Bars on stderr while the block runs; without a terminal only the notes are printed."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    console = Console(stderr=True)
    # Left to itself, rich sends what is printed to stdout to its own console, which is stderr here.
    with RichProgress(
        *columns, console=console, disable=not console.is_terminal, redirect_stdout=False
    ) as bars:
        yield TerminalProgress(bars)


def printable(text: str) -> str:
    """The text with U+FFFD for what could steer the terminal: file names may hold anything."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def say(text: str = "") -> None:
    """One line for people, on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def print_json(value: Any) -> None:
    """One JSON value on stdout; NaN and infinity are refused, as the contracts have null for them."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201


def print_table(table: "Table") -> None:
    """A table for people, on stdout."""
    from rich.console import Console

    Console().print(table)


def print_line(text: str = "") -> None:
    """One line of a result, on stdout."""
    print(text)  # noqa: T201
