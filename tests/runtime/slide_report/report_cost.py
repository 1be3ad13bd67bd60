"""What the report of a large slide costs: python tests/runtime/slide_report/report_cost.py [FOLDER] [FIELDS]

A journal of 5000 painted fields (24 pictures in turn, votes of stand-ins), written by `Journal.write`; then the page, the
tables, and how long Chromium takes for the page and for an empty one, each in a fresh process that draws it and ends.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "journal"))
sys.path.insert(0, str(Path(__file__).parent))

from slide_made import write_slide

from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.reviews import ReviewBook
from leukoscope.runtime.slide_report.files import Outputs
from leukoscope.runtime.slide_report.gather import gather

FIELDS, ROUNDS = 5000, 3
CHROMIUM = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()


def main(folder: Path, fields: int) -> None:
    journal = folder / "slide.db"
    if not journal.exists():
        began = time.perf_counter()
        cells = write_slide(journal, fields, pictures=24)
        _review(journal, min(fields, 300))
        print(f"journal: {fields} fields, {cells} cells, {_mb(journal)}, {_since(began)}")
    began = time.perf_counter()
    with read_journal(journal) as reader:
        slide = gather(reader)
    print(f"gathered, pictures drawn: {_since(began)}")
    for outputs in (
        Outputs(page=folder / "slide.html"),
        Outputs(csv=folder),
        Outputs(parquet=folder),
    ):
        began = time.perf_counter()
        written = outputs.write(slide)
        print(f"{', '.join(f'{one.name} {_mb(one)}' for one in written)}: {_since(began)}")
    empty = folder / "empty.html"
    empty.write_text("<!doctype html><title>empty</title>")
    print(f"Chromium: {_opened(folder / 'slide.html'):.1f} s, an empty page {_opened(empty):.1f} s")


def _review(journal: Path, fields: int) -> None:
    with ReviewBook(journal) as book:
        for field in range(1, fields + 1):
            book.add(reviewer="AB", field=field, cell=0, verdict="type", value="lymphocyte")


def _opened(page: Path) -> float:
    """Seconds, the least of some rounds."""
    program = shutil.which("chromium") or sys.exit("no chromium: apt-get install chromium")
    spent = []
    with tempfile.TemporaryDirectory() as scratch:
        where = (f"--user-data-dir={scratch}/profile", f"--screenshot={scratch}/page.png")
        for _ in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run(
                [program, *CHROMIUM, *where, page.resolve().as_uri()],
                capture_output=True,
                check=True,
            )
            spent.append(time.perf_counter() - began)
    return min(spent)


def _mb(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f} MB"


def _since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else FIELDS
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
        main(Path(sys.argv[1]), count)
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made), count)
