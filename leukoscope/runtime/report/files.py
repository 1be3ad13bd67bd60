"""Where a report lies on the disk: FILE.html, and the same facts as FILE.json beside it."""

from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.report.contents import Study
from leukoscope.runtime.report.facts import to_bytes
from leukoscope.runtime.report.page import html
from leukoscope.runtime.whole_file import write_whole

SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Place:
    """The two files."""

    page: Path
    facts: Path


def place_of(page: Path, bundle: Path) -> Place:
    """Checked before the long work begins.

    UsageError unless FILE ends in .html; InputError where its folder is not there, where it lies inside the bundle,
    whose manifest does not list it, or where a folder has its name.
    """
    if page.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--report {page}", wanted="a file that ends in .html")
    place = Place(page, page.with_suffix(".json"))
    folder = page.resolve().parent
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}", next_step=f"mkdir -p {folder}")
    root = bundle.resolve()
    if folder == root or root in folder.parents:
        raise InputError(
            f"{page} would lie inside the bundle, which holds only what its manifest lists",
            next_step=f"--report {page.name} writes it here",
        )
    for path in (place.page, place.facts):
        if path.is_dir():
            raise InputError(f"{path} is a folder", wanted="a file to write")
    return place


def write(study: Study, place: Place) -> None:
    """Writes both files, each whole or not at all; InputError where the disk refuses."""
    write_whole(place.page, html(study).encode())
    write_whole(place.facts, to_bytes(study))
