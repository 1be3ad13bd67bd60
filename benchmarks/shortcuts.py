"""What XIncept-ALL reads beside the white cells: `python benchmarks/shortcuts.py BUNDLE --data DIR... -o OUT`.

Its accuracy on held-out fields with every white cell painted out, with everything but white cells painted out, and
with bare silhouettes, beside the nearest neighbour by colour alone on fields painted alike. The cells are those of
SG-CLDFF's mask; what it overlooks stays, so that too is measured. Writes OUT/shortcuts.json. Research use only.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from measure.colour_floor import ColourFloor, colour_of, floor_figures
from measure.command import Work, arguments, opened, run, write_json
from measure.held import DataFolder, Entry, spread
from measure.judge import Row
from measure.painting import (
    nuclear_stain_left,
    only_cells,
    silhouettes,
    widened,
    without_cells,
)
from measure.scores import accuracy, class_figures, mean, rounded

from leukoscope.errors import InputError
from leukoscope.runtime.engine import FIELD_NETWORK

PAINTINGS: dict[str, Callable[..., Any]] = {
    "as they are": lambda image, cells: image,
    "cells painted out": without_cells,
    "all but cells painted out": only_cells,
    "silhouettes": silhouettes,
}


def main() -> None:
    """Measures and writes."""
    parser = arguments(__doc__)
    parser.add_argument("--fields", type=int, default=0, help="held-out fields, 0: all")
    parser.add_argument("--known", type=int, default=400, help="training fields of the floor")
    wanted = parser.parse_args()
    with opened(wanted) as work:
        if not work.judge.has_cells:
            raise InputError(f"{wanted.bundle} has no SG-CLDFF to find the cells with")
        found = {
            folder.name: painted_figures(work, folder, wanted.fields, wanted.known)
            for folder in work.folders
            if folder.network == FIELD_NETWORK
        }
        write_json(wanted.output, "shortcuts", work, {"painted": found})


def painted_figures(work: Work, folder: DataFolder, fields: int, known: int) -> dict[str, Any]:
    """One set under every painting."""
    entries = spread(folder.held, fields)
    rows: dict[str, list[Row]] = {name: [] for name in PAINTINGS}
    colours: dict[str, list[Any]] = {name: [] for name in PAINTINGS}
    areas, left = [], []
    for entry in work.progress.track(entries, f"{folder.name} painted"):
        sample = folder.read(entry)
        cells = work.judge.cells(sample.pixels)
        areas.append(float(widened(cells).mean()))
        left.append((nuclear_stain_left(sample.pixels, cells), entry.group))
        for name, paint in PAINTINGS.items():
            pixels = paint(sample.pixels, cells)
            rows[name].append(work.judge.row(folder.network, sample, entry.group, pixels))
            colours[name].append(colour_of(pixels))
    floors = floors_of(work, folder, spread(folder.seen, known))
    return {
        "n": len(entries),
        "of": len(folder.held),
        "chance": chance(rows["as they are"]),
        "painted_area": mean(areas, [entry.group for entry in entries]),
        "nuclear_stain_left": mean(
            [v for v, _ in left if v is not None], [g for v, g in left if v is not None]
        ),
        "known": min(known, len(folder.seen)) if known else len(folder.seen),
        "paintings": {
            name: figures_of(folder, rows[name], colours[name], floors[name]) for name in PAINTINGS
        },
    }


def figures_of(
    folder: DataFolder, rows: Sequence[Row], colours: Sequence[Any], floor: ColourFloor | None
) -> dict[str, Any]:
    """Accuracy by voter with its recalls, and that of colour."""
    by = {
        voter: {
            "accuracy": accuracy(rows, voter, folder.targets, folder.classes),
            "figures": class_figures(rows, voter, folder.targets, folder.classes),
        }
        for voter in rows[0].votes
    }
    return {"by": by, "colour": floor_figures(floor, colours, [row.target for row in rows])}


def floors_of(
    work: Work, folder: DataFolder, entries: Sequence[Entry]
) -> dict[str, ColourFloor | None]:
    """The colours of fields that training has seen, painted in each way."""
    colours: dict[str, list[Any]] = {name: [] for name in PAINTINGS}
    targets = []
    for entry in work.progress.track(entries, f"colours of {folder.name}"):
        sample = folder.read(entry)
        if sample.target is None:
            continue
        cells = work.judge.cells(sample.pixels)
        targets.append(sample.target)
        for name, paint in PAINTINGS.items():
            colours[name].append(colour_of(paint(sample.pixels, cells)))
    return {
        name: ColourFloor(np.array(found), targets) if targets else None
        for name, found in colours.items()
    }


def chance(rows: Sequence[Row]) -> float | None:
    """What always naming the commonest class gets."""
    counts = Counter(row.target for row in rows if row.target)
    return rounded(max(counts.values()) / counts.total()) if counts else None


if __name__ == "__main__":
    run(main)
