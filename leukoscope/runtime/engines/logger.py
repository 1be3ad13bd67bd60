"""What TensorRT says while it works, kept for us to read; nothing is printed.

TensorRT keeps the first logger of a process for good, so there is one for each library, and who wants to hear it
listens for a while:

    with listening(library) as heard:
        builder = trt.Builder(heard.logger)
    heard.errors, heard.listing
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from leukoscope.runtime.engines.layers import LISTING
from leukoscope.runtime.engines.library import Library

ERRORS_KEPT = 200


@dataclass
class Heard:
    """What one listener has heard."""

    logger: Any
    """A `trt.ILogger`, to be given to the library."""
    errors: list[str] = field(default_factory=list)
    """In the library's words, the oldest first."""
    warnings: list[str] = field(default_factory=list)
    listing: str = ""
    """The message that lists the layers of the engine; TensorRT-RTX sends it."""


def process_logger(library: Library) -> Any:
    """The one `trt.ILogger` of this process for `library`."""
    if library.name not in _LOGGERS:
        _LOGGERS[library.name] = _make_logger(library)
    return _LOGGERS[library.name]


@contextmanager
def listening(library: Library) -> Iterator[Heard]:
    """Collects what is said in the block; blocks may be nested, the inner one hears."""
    heard = Heard(process_logger(library))
    ears = _EARS.setdefault(library.name, [])
    ears.append(heard)
    try:
        yield heard
    finally:
        ears.remove(heard)


_LOGGERS: dict[str, Any] = {}
_EARS: dict[str, list[Heard]] = {}


def _make_logger(library: Library) -> Any:
    trt = library.module
    ears = _EARS.setdefault(library.name, [])

    class Logger(trt.ILogger):  # type: ignore[misc, name-defined]  # a class of a module found at run time
        """Sorts the messages; called from the library's threads too."""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, text: str) -> None:
            if not ears:
                return
            if severity in (trt.ILogger.INTERNAL_ERROR, trt.ILogger.ERROR):
                if len(ears[-1].errors) < ERRORS_KEPT:
                    ears[-1].errors.append(text)
            elif severity == trt.ILogger.WARNING:
                if len(ears[-1].warnings) < ERRORS_KEPT:
                    ears[-1].warnings.append(text)
            elif text.startswith(LISTING):
                ears[-1].listing = text

    return Logger()
