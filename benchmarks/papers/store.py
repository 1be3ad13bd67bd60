"""One JSON file a cell, written whole or not at all, so that a killed run loses one cell at most."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.papers.cells import Cell

SCHEMA = 1
Result = dict[str, Any]


def path_of(folder: Path, cell: Cell) -> Path:
    """Where the result of `cell` lies."""
    return folder / (cell.name.replace("/", "--") + ".json")


def write_result(folder: Path, cell: Cell, result: Result) -> None:
    """Writes beside and moves over; NaN is refused."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(folder, cell)
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump({"schema": SCHEMA, **result}, file, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_result(folder: Path, cell: Cell, digest: str, data: str = "") -> Result | None:
    """The result of `cell`, if it is whole, and made by the settings `digest` and, where given, from the images `data`."""
    try:
        result = json.loads(path_of(folder, cell).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        return None
    same = result.get("settings_sha256") == digest and data in ("", result.get("data_sha256"))
    return result if same else None


def read_results(folder: Path, cells: Iterable[tuple[Cell, str]]) -> dict[Cell, Result]:
    """The results that are there, of these cells and digests."""
    found = {cell: read_result(folder, cell, digest) for cell, digest in cells}
    return {cell: result for cell, result in found.items() if result is not None}
