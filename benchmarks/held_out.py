"""Figures on held-out images with their intervals: `python benchmarks/held_out.py BUNDLE --data DIR... -o OUT`.

By the path that `run` takes, on the images that no training of the bundle names by SHA-256: accuracy and recall by
class (bootstrap over groups, Wilson beside it), IoU of the masks, and how often something is called a blast where
there is none. Writes OUT/held_out.json. Research use only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from measure.colour_floor import colour_of, floor_figures, floor_of
from measure.command import Work, arguments, opened, run, write_json
from measure.held import DataFolder, Entry, spread
from measure.judge import Row
from measure.scores import class_figures, mask_figures, rounded, share

from leukoscope.runtime.engine import CELL_NETWORK
from leukoscope.runtime.metrics.maps import average_ranks

BLAST, LYMPHOCYTE = "blast", "lymphocyte"


def main() -> None:
    """Measures and writes."""
    parser = arguments(__doc__)
    parser.add_argument("--limit", type=int, default=0, help="images a set, 0: all")
    wanted = parser.parse_args()
    with opened(wanted) as work:
        figures: dict[str, dict[str, Any]] = {}
        cells: dict[str, list[Row]] = {}
        for folder in work.folders:
            entries = spread(folder.held, wanted.limit)
            rows = judged(work, folder, entries)
            figures.setdefault(folder.network, {})[folder.name] = {
                "n": len(entries),
                "of": len(folder.held),
                **set_figures(work, folder, rows),
                "colour": colour_alone(work, folder, entries),
            }
            if folder.network == CELL_NETWORK:
                cells[folder.name] = rows
        found = {"figures": figures, "limit": wanted.limit}
        if cells:
            blasts = {f.name for f in work.folders if has_blasts(f)}
            found["blasts"] = blast_figures(cells, blasts, work)
        write_json(wanted.output, "held_out", work, found)


def judged(work: Work, folder: DataFolder, entries: Sequence[Entry]) -> list[Row]:
    """Every entry under the folder's network."""
    shown = work.progress.track(entries, f"{folder.network} on {folder.name}")
    return [work.judge.row(folder.network, folder.read(one), one.group) for one in shown]


def set_figures(work: Work, folder: DataFolder, rows: Sequence[Row]) -> dict[str, Any]:
    """All that one set says of its network."""
    groups = set(work.bundle.network(folder.network).provenance.get("training_groups", ()))
    voters = rows[0].votes
    return {
        "in_training_groups": sum(row.group in groups for row in rows),
        "by": {v: class_figures(rows, v, folder.targets, folder.classes) for v in voters},
        "iou": mask_figures(rows),
    }


def colour_alone(
    work: Work, folder: DataFolder, entries: Sequence[Entry]
) -> dict[str, float] | None:
    """The nearest neighbour by colour among all of the set's images that training has seen."""
    floor = floor_of(folder, work.progress)
    samples = [folder.read(entry) for entry in entries] if floor else []
    truth = [None if sample.excluded else sample.target for sample in samples]
    return floor_figures(floor, [colour_of(sample.pixels) for sample in samples], truth)


def has_blasts(folder: DataFolder) -> bool:
    """Whether one of the labels that its images carry stands for blasts."""
    labels = {entry.item.label for entry in (*folder.held, *folder.seen) if entry.item.label}
    known = folder.label_map
    return known is not None and any(known.target(one) == (BLAST,) for one in labels)


def blast_figures(cells: dict[str, list[Row]], with_blasts: set[str], work: Work) -> dict[str, Any]:
    """False blasts where there are none, blasts and lymphocytes taken for each other, blast against the rest."""
    index = work.bundle.network(CELL_NETWORK).classes.index
    found: dict[str, Any] = {"false": {}, "lymphocytes": {}, "blasts": {}}
    for name, rows in cells.items():
        called = [int(row.votes["type"].argmax()) for row in rows]
        groups = [row.group for row in rows]
        if name not in with_blasts:
            boxed = [(kind == BLAST, row.group) for row in rows for kind in row.cell_types]
            found["false"][name] = {
                "images": share([one == index(BLAST) for one in called], groups),
                "cells": share([hit for hit, _ in boxed], [group for _, group in boxed]),
            }
        for key, kind, other in (
            ("lymphocytes", LYMPHOCYTE, BLAST),
            ("blasts", BLAST, LYMPHOCYTE),
        ):
            where = [i for i, row in enumerate(rows) if row.target == (kind,)]
            if where:
                hits = [called[i] == index(other) for i in where]
                found[key][name] = share(hits, [groups[i] for i in where])
    found["against_the_rest"] = {
        name: ranking(cells[name], index(BLAST)) for name in cells if name in with_blasts
    }
    return found


def ranking(rows: Sequence[Row], blast: int) -> float | None:
    """Area under the ROC curve of the blast's probability, from ranks (Mann and Whitney 1947)."""
    known = [row for row in rows if row.target is not None]
    is_blast = np.array([row.target == (BLAST,) for row in known], bool)
    if is_blast.all() or not is_blast.any():
        return None
    ranks = average_ranks(np.array([row.votes["type"][blast] for row in known]))
    n, others = int(is_blast.sum()), int((~is_blast).sum())
    return rounded((ranks[is_blast].sum() - n * (n + 1) / 2) / (n * others))


if __name__ == "__main__":
    run(main)
