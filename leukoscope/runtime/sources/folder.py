"""Image files: one, a folder of them, or those that a glob found."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from leukoscope.errors import InputError
from leukoscope.images.decode import IMAGE_SUFFIXES, read_image
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.names import output_names
from leukoscope.runtime.sources.recorded import RecordedSource
from leukoscope.runtime.sources.source import OnFault


class FolderSource(RecordedSource):
    """Image files in the order given; `root` is the folder that their output names leave out."""

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        super().__init__(str(root))
        self._paths = list(paths)
        self._names = output_names([path.relative_to(root) for path in paths])
        self.total: int | None = len(self._paths)

    def _read(self, on_fault: OnFault) -> Iterator[Frame]:
        """A file is read when its turn comes."""
        for index, (path, name) in enumerate(zip(self._paths, self._names, strict=True)):
            try:
                pixels = read_image(path)
            except InputError as fault:
                self._leave_out(fault, on_fault)
                continue
            yield Frame(pixels, str(path), name, index)


def find_images(folder: Path) -> list[Path]:
    """The images below `folder` at any depth, sorted by path; hidden ones and masks are passed over.

    In a data folder with `images/` and `masks/`, the masks are no fields. InputError where there is no image.
    """
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() and _is_field(path, folder)
    ]
    if not paths:
        raise InputError(
            f"no images in {folder}", wanted=f"files that end in {', '.join(IMAGE_SUFFIXES)}"
        )
    return paths


def _is_field(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    if any(part.startswith(".") for part in parts):
        return False
    masks = [folder for folder in path.parents if folder.name == "masks" and root in folder.parents]
    return not any((folder.parent / "images").is_dir() for folder in masks)
