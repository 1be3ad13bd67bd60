"""What a sink of results is, and how all of them write."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from leukoscope.errors import InputError
from leukoscope.runtime.field import Result


class Sink(AbstractContextManager["Sink"], Protocol):
    """Takes results while it is entered; all that it was given is on the disk when it is left."""

    def write(self, result: Result) -> None:
        """Takes one field's result. Raises InputError where it cannot be written."""
        ...


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns a failure of the disk into one line that names the file."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}",
            next_step="choose another place, or make room",
        ) from None


def make_folder(path: Path) -> None:
    """The folder with its parents, if it is not there yet."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
