"""How well painted fields were read: results on one side, the painter's truth on the other."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.painter.truth import PaintedField
from leukoscope.runtime.instances import typical_area
from leukoscope.runtime.sources.synthetic import SyntheticSource

MATCH_IOU = 0.5
"""Overlap of two boxes from which they are the same cell."""

LEAST_AREA = 0.35
"""White cells of which less shows, of the median cell of the field, are cut off: finding them counts neither way."""

LEAST_CUT_AREA = 0.6
"""The same for cells that the border cuts, of the typical whole one: `instances` drops such fragments, from 0.5 for certain."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class SyntheticScore:
    """Figures on painted fields; `cell_*` is detection of white cells by boxes at IoU 0.5."""

    fields: int
    cells: int
    cell_precision: float
    cell_recall: float
    cell_f1: float
    stage_accuracy: float


def score_file(jsonl: Path, source: SyntheticSource) -> SyntheticScore:
    """The score of a run's JSON Lines file on the fields that `source` paints."""
    rows = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines()]
    return score((row, source.paint(row["frame"])) for row in rows)


def score(pairs: Iterable[tuple[Mapping[str, Any], PaintedField]]) -> SyntheticScore:
    """Rows of the JSON Lines contract with the field that each was made from; zeros where nothing was found."""
    fields = hits = missed = false = stages = 0
    for row, truth in pairs:
        found = [tuple(c["box_px"]) for c in row["cells"] if c["type"] != "other"]
        whole, cut = _cells(truth)
        hit, matched = _matches(found, whole)
        excused = sum(
            _best_iou(found[i], cut) >= MATCH_IOU for i in set(range(len(found))) - matched
        )
        hits, missed = hits + hit, missed + len(whole) - hit
        false += len(found) - hit - excused
        stages += row["stage"] == truth.stage
        fields += 1
    return SyntheticScore(
        fields=fields,
        cells=hits + missed,
        cell_precision=_share(hits, hits + false),
        cell_recall=_share(hits, hits + missed),
        cell_f1=_share(2 * hits, 2 * hits + missed + false),
        stage_accuracy=_share(stages, fields),
    )


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes (x, y, width, height), 0 to 1."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    inside = max(wide, 0) * max(high, 0)
    return _share(inside, a[2] * a[3] + b[2] * b[3] - inside)


def _cells(truth: PaintedField) -> tuple[list[Box], list[Box]]:
    """Boxes of the white cells: those that show well enough to be counted, and slivers."""
    areas: NDArray[np.int64] = np.array([c.area_px for c in truth.cells] or [0])
    height, width = truth.mask.shape
    cut = [_is_cut(c.box_px, (width, height)) for c in truth.cells]
    typical = typical_area(
        [c.area_px for c, at_border in zip(truth.cells, cut, strict=True) if not at_border]
    )
    least = LEAST_AREA * float(np.median(areas))
    shown: list[Box] = []
    slivers: list[Box] = []
    for cell, at_border in zip(truth.cells, cut, strict=True):
        enough = max(least, LEAST_CUT_AREA * typical) if at_border else least
        (shown if cell.area_px >= enough else slivers).append(cell.box_px)
    return shown, slivers


def _is_cut(box: Box, size_px: tuple[int, int]) -> bool:
    x, y, width, height = box
    return x == 0 or y == 0 or x + width == size_px[0] or y + height == size_px[1]


def _matches(found: list[Box], truth: list[Box]) -> tuple[int, set[int]]:
    """Pairs one found box with one true box, best overlap first; returns how many, and which found ones."""
    pairs = [(box_iou(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(truth)]
    used_found: set[int] = set()
    used_true: set[int] = set()
    for iou, i, j in sorted(pairs, reverse=True):
        if iou >= MATCH_IOU and i not in used_found and j not in used_true:
            used_found.add(i)
            used_true.add(j)
    return len(used_found), used_found


def _best_iou(box: Box, others: list[Box]) -> float:
    return max((box_iou(box, other) for other in others), default=0.0)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
