"""A line of words a field."""

from collections.abc import Callable
from types import TracebackType

from leukoscope.runtime.field import Result
from leukoscope.runtime.wording import describe_field


class Lines:
    """Gives each line to `print_line`."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line = print_line

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held back."""

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        self._print_line(describe_field(result))
