"""The page: each table with its account, put between markers, so that the prose about it stays as it was written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.papers import tables
from benchmarks.papers.cells import BY_GROUP, Cell, all_cells
from benchmarks.papers.numbers import number_range
from benchmarks.papers.readings import Results
from benchmarks.papers.store import Result
from leukoscope.errors import InputError


@dataclass(frozen=True)
class Section:
    """A table of the page: its marker, what makes it, and which cells it is made from."""

    name: str
    make: Callable[[Results], str]
    holds: Callable[[Cell], bool]


SECTIONS = (
    Section("left-out", tables.left_out, lambda cell: bool(cell.left_out)),
    Section(
        "by-group",
        tables.by_group,
        lambda cell: (
            cell.task == "masks"
            and cell.split == BY_GROUP
            and cell.variant in ("whole", "baseline")
        ),
    ),
    Section(
        "stages",
        tables.stages,
        lambda cell: cell.task == "stages" and cell.variant in ("whole", "baseline"),
    ),
    Section(
        "sg-cldff",
        tables.sg_cldff,
        lambda cell: cell.network == "sg_cldff" and cell.split == BY_GROUP,
    ),
    Section("xincept-all", tables.xincept_all, lambda cell: cell.network == "xincept_all"),
)


def sections(results: Results) -> dict[str, str]:
    """{marker: account and table}"""
    found = {}
    for section in SECTIONS:
        cells = [cell for cell in all_cells() if section.holds(cell)]
        found[section.name] = f"{account(cells, results)}\n\n{section.make(results)}"
    return found


def account(cells: Iterable[Cell], results: Results) -> str:
    """Cells run, images, views, times, machine and command, in one sentence."""
    cells = list(cells)
    found = [results[cell] for cell in cells if cell in results]
    if not found:
        return f"0 of {len(cells)} cells run."
    words = [f"{len(found)} of {len(cells)} cells run", *_images(found)]
    for key, what, unit in (
        ("views", "image views", ""),
        ("wall_s", "wall time", " s"),
        ("processor_s", "processor time", " s"),
    ):
        words.append(f"{what} a cell {number_range([one[key] for one in found])}{unit}")
    words.append(f"threads {number_range([one['threads'] for one in found])}")
    words += sorted({f"{one['machine']}, torch {one['torch']}" for one in found})
    words.append(f"made from {min(one['made_at'] for one in found)[:10]} on")
    words.append("`python -m benchmarks.papers --data DATA -o CELLS`")
    if len({one["data_sha256"] for one in found}) > 1:
        words.append("**not all cells were made from the same images: run it again**")
    return "; ".join(words) + "."


def fill(page: str, found: dict[str, str]) -> str:
    """The page with each section between its markers. Raises InputError where a marker is missing."""
    for name, text in found.items():
        begin, end = f"<!-- papers: {name} -->", f"<!-- end of {name} -->"
        before, opened, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise InputError(f"the page has no section {name}", wanted=f"{begin} and {end}")
        page = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return page


def write_page(path: Path, found: dict[str, str]) -> None:
    """Fills the page in place, whole or not at all."""
    text = fill(path.read_text(encoding="utf-8"), found)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def _images(found: list[Result]) -> list[str]:
    parts = sorted({part for one in found for part in one["images"]})
    return [
        f"images in `{part}` {number_range([one['images'][part] for one in found if part in one['images']])}"
        for part in parts
    ]
