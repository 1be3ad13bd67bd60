"""Cells from a mask, and tiling, against scikit-image and plain NumPy, in one run: `python benchmarks/cells_against_skimage.py`.

The masks are those of painted fields, at several sizes, rotated. Ours is `find_instances` and the measuring of each cell;
scikit-image's is small objects out, holes filled, distance transform, `peak_local_max`, `watershed`, `regionprops` (area,
box, perimeter) on the same mask. It must be told how far cells are apart: of APART the value that fits these fields best
is taken. How many cells each finds is given too (F1 of an IoU of 0.5; cells that the border cuts are left out). One thread.
"""

import argparse
from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
from cell_ways import ours, scikit_image
from cell_ways.found import Matches, matches
from cell_ways.tiling import cut_plainly, join_plainly
from timing.command import arguments, run, show
from timing.interval import interval_of, ratio_of
from timing.record import HIGHER, Record
from timing.table import table
from timing.turns import Plan, Times, Way, of_each_turn, take_turns

from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Contract
from leukoscope.images.painter.field import REFERENCE_PX, paint_field
from leukoscope.images.painter.truth import PaintedField
from leukoscope.images.tiles import TilePlan, cut_tiles, join_tiles, plan_tiles

SEED = 71_000
SIZES: dict[str, tuple[float, float | None]] = {
    "224 x 168": (0.35, None),
    "640 x 480": (1.0, None),
    "1280 x 960": (2.0, None),
    "1280 x 960, many cells": (2.0, 60.0),
    "2592 x 1944": (4.05, None),
}
"""Times the reference field, 640 x 480; diameter of a white cell in pixels, None in proportion to the field."""
APART = (0.3, 0.5, 0.7, 0.9)
"""Least distance between two cells' middles, in diameters of the field's median cell."""
LEAST_SHARE = 0.05
"""Smallest cell, of the median one's area: the same for both."""
OURS, THEIRS = "ours", "scikit-image"
INPUT_PX, OVERLAP_PX, PLANES = 224, 48, 3
TILED_PX = (1920, 1080)
JOIN_TOLERANCE = 1e-5


def main() -> None:
    """Measures and prints both tables."""
    wanted = _arguments()
    cv2.setNumThreads(1)
    record = Record("cells_against_skimage", ["scikit-image", "scipy"])
    plan = Plan(wanted.turns, wanted.calls)
    rows = [_cells_row(record, name, wanted.fields, plan) for name in list(SIZES)[: wanted.sizes]]
    head = ["mask", "cells a field", "ours, ms", "scikit-image, ms", "theirs / ours", "F1 ours", "F1 theirs"]  # fmt: skip
    tiles = [_tiles_row(record, name, ways, plan) for name, ways in _tile_ways().items()]
    record.write(wanted.json)
    show(table(head, rows) + "\n")
    show(table([f"{TILED_PX[0]} x {TILED_PX[1]} px", "ours, ms", "plain, ms", "theirs / ours"], tiles))  # fmt: skip
    show("\n" + record.notice())


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--calls", type=int, default=16)
    parser.add_argument("--fields", type=int, default=8)
    parser.set_defaults(sizes=len(SIZES))
    wanted = parser.parse_args()
    if wanted.short:
        wanted.turns, wanted.calls, wanted.fields, wanted.sizes = 2, 2, 2, 2
    return wanted


def _cells_row(record: Record, name: str, count: int, plan: Plan) -> list[str]:
    fields = [_paint(SIZES[name], index) for index in range(count)]
    typical = float(np.median([cell.area_px for field in fields for cell in field.cells]))
    least, diameter = LEAST_SHARE * typical, 2 * (typical / np.pi) ** 0.5
    told = [max(1, round(share * diameter)) for share in APART]
    theirs = {apart: partial(scikit_image.find_cells, least_px=least, apart_px=apart) for apart in told}  # fmt: skip
    found = {apart: _judge(way, fields) for apart, way in theirs.items()}
    best = max(found, key=lambda apart: found[apart].f1)
    mine = partial(ours.find_cells, least_px=least)
    judged = _judge(mine, fields)
    ways: dict[str, Way] = {
        OURS: lambda i: mine(fields[i % count].mask),
        THEIRS: lambda i: theirs[best](fields[i % count].mask),
    }
    cells = judged.painted / count
    record.details[name] = {"cells_a_field": cells, "f1": {OURS: judged.f1, THEIRS: found[best].f1}, "apart_px": best}  # fmt: skip
    shown = _compare(record, f"mask of {name}", take_turns(ways, plan))
    return [name, f"{cells:.1f}", *shown, f"{judged.f1:.3f}", f"{found[best].f1:.3f}"]


def _judge(way: partial[Sequence[object]], fields: Sequence[PaintedField]) -> Matches:
    return sum((matches(way(one.mask), one) for one in fields), Matches())  # type: ignore[arg-type]


def _paint(kind: tuple[float, float | None], index: int) -> PaintedField:
    times, white_cell_px = kind
    size = (round(REFERENCE_PX[0] * times), round(REFERENCE_PX[1] * times))
    return paint_field(STAGES[index % len(STAGES)], SEED + index, size, white_cell_px)


def _tile_ways() -> dict[str, dict[str, Way]]:
    """By what is done; equal results are checked here, but for the resizing, where the methods differ."""
    contract = Contract(INPUT_PX)
    field = np.random.default_rng(SEED).integers(0, 256, (TILED_PX[1], TILED_PX[0], 3), np.uint8)
    whole, half = (plan_tiles(TILED_PX, contract, step, OVERLAP_PX) for step in (1.0, 0.5))
    maps = np.random.default_rng(SEED).random((len(half.corners_px), PLANES, INPUT_PX, INPUT_PX), np.float32)  # fmt: skip
    assert (cut_tiles(field, whole, contract) == _cut(field, whole, contract)).all()
    assert np.abs(join_tiles(maps, half) - join_plainly(maps, half)).max() < JOIN_TOLERANCE
    return {
        f"cut into {len(whole.corners_px)} squares": {
            OURS: lambda _: cut_tiles(field, whole, contract),
            THEIRS: lambda _: _cut(field, whole, contract),
        },
        f"halve and cut into {len(half.corners_px)} squares": {
            OURS: lambda _: cut_tiles(field, half, contract),
            THEIRS: lambda _: _cut(field, half, contract),
        },
        f"join {len(half.corners_px)} squares of {PLANES} planes": {
            OURS: lambda _: join_tiles(maps, half),
            THEIRS: lambda _: join_plainly(maps, half),
        },
    }


def _cut(field: np.ndarray, plan: TilePlan, contract: Contract) -> np.ndarray:
    return cut_plainly(field, plan, contract.input_px, contract.pad_value)


def _tiles_row(record: Record, name: str, ways: dict[str, Way], plan: Plan) -> list[str]:
    return [name, *_compare(record, name, take_turns(ways, plan))]


def _compare(record: Record, name: str, times: Times) -> list[str]:
    mine, theirs = of_each_turn(times[OURS]), of_each_turn(times[THEIRS])
    ratio = ratio_of(theirs, mine)
    record.add(f"{name}: ours", interval_of(mine), "ms")
    record.add(f"{name}: theirs / ours", ratio, "x", HIGHER)
    return [interval_of(mine).words(2), interval_of(theirs).words(2), ratio.words(1)]


if __name__ == "__main__":
    run(main)
