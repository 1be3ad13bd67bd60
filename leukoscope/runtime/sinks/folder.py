"""A folder with one file for each field."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType

from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.sink import make_folder, writing


class FolderSink(ABC):
    """Writes NAME.ENDING for each field to `folder`, which is made on entering."""

    ending: str

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> "FolderSink":
        make_folder(self._folder)
        return self

    def __exit__(  # noqa: B027 - nothing is left to do
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Each file is whole as soon as it is written."""

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        content = self.content(result)
        if content is None:
            return
        path = self._folder / f"{result.frame.name}.{self.ending}"
        with writing(path):
            path.write_bytes(content)

    @abstractmethod
    def content(self, result: Result) -> bytes | None:
        """The file's bytes; None where the field gives no file."""
