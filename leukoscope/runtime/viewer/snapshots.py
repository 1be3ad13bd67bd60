"""Pictures that the operator keeps: the overlay of a field as a PNG."""

from itertools import count
from pathlib import Path

from leukoscope.images.opencv import cv2
from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.picture import draw_picture
from leukoscope.runtime.sinks.sink import make_folder, writing

WITHOUT_JOURNAL = Path("leukoscope-snapshots")
ENDING = ".snapshots"


def snapshot_folder(journal: Path | None) -> Path:
    """Beside the journal, or in the working folder."""
    return WITHOUT_JOURNAL if journal is None else journal.with_name(journal.name + ENDING)


class Snapshots:
    """Writes into `folder`, which is made with the first; never over a file that is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: dict[str, Path] = {}

    def take(self, result: Result) -> Path:
        """Draws and writes it. InputError where it cannot be written."""
        bgr = cv2.cvtColor(draw_picture(result), cv2.COLOR_RGB2BGR)
        data: bytes = cv2.imencode(".png", bgr)[1].tobytes()
        make_folder(self._folder)
        path = self._write(result.frame.name, data)
        self._taken[path.name] = path
        return path

    def named(self, name: str) -> Path | None:
        """One that this run has taken."""
        return self._taken.get(name)

    def _write(self, stem: str, data: bytes) -> Path:
        """Another name where there is one of this: an earlier session numbered its fields from 0 too."""
        for number in count(1):
            path = self._folder / (f"{stem}.png" if number == 1 else f"{stem}_{number}.png")
            if path.exists() or path.is_symlink():
                continue
            with writing(path):
                path.write_bytes(data)
            return path
        raise AssertionError
