"""Where a report goes: the page, the tables as CSV, as Parquet. Looked at before the work begins."""

from dataclasses import dataclass
from pathlib import Path

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.report.files import SUFFIXES
from leukoscope.runtime.sinks.sink import make_folder
from leukoscope.runtime.slide_report.columns import cell_columns, field_columns
from leukoscope.runtime.slide_report.contents import Slide
from leukoscope.runtime.slide_report.page import html
from leukoscope.runtime.slide_report.parquet import check_parquet, parquet_bytes
from leukoscope.runtime.slide_report.spreadsheet import csv_bytes
from leukoscope.runtime.whole_file import write_whole


@dataclass(frozen=True)
class Outputs:
    """What was asked for."""

    page: Path | None = None
    csv: Path | None = None
    """A folder."""
    parquet: Path | None = None
    """A folder."""

    def check(self) -> None:
        """UsageError unless the page ends in .html; InputError where a place will not do; MachineError without pyarrow."""
        if self.page is not None:
            _check_page(self.page)
        for folder in (self.csv, self.parquet):
            if folder is not None and folder.exists() and not folder.is_dir():
                raise InputError(f"{folder} is a file", wanted="a folder for the tables")
        if self.parquet is not None:
            check_parquet()

    def write(self, slide: Slide) -> list[Path]:
        """Writes each file whole or not at all, and returns their paths; InputError where the disk refuses."""
        written = []
        for path, data in self._contents(slide):
            make_folder(path.parent)
            write_whole(path, data)
            written.append(path)
        return written

    def _contents(self, slide: Slide) -> list[tuple[Path, bytes]]:
        tables = (
            ("fields", field_columns(slide), slide.fields),
            ("cells", cell_columns(slide), slide.cells),
        )
        found = []
        if self.page is not None:
            found.append((self.page, html(slide).encode("utf-8", "replace")))
        if self.csv is not None:
            found += [
                (self.csv / f"{name}.csv", csv_bytes(columns, rows))
                for name, columns, rows in tables
            ]
        if self.parquet is not None:
            found += [
                (self.parquet / f"{name}.parquet", parquet_bytes(columns, rows, slide.name))
                for name, columns, rows in tables
            ]
        return found


def _check_page(page: Path) -> None:
    if page.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--output {page}", wanted="a file that ends in .html")
    folder = page.resolve().parent
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}", next_step=f"mkdir -p {folder}")
    if page.is_dir():
        raise InputError(f"{page} is a folder", wanted="a file to write")
