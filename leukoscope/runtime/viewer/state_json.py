"""The board as the page reads it."""

import math
import time
from collections.abc import Mapping
from typing import Any

from leukoscope.runtime.field import Cell, Result
from leukoscope.runtime.pause import Pause
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.viewer.answers import NOTICE
from leukoscope.runtime.viewer.board import Board, RunState
from leukoscope.runtime.viewer.kept import KeptField

SCHEMA = 1
DECIMALS = 4
PAUSED = "paused"


def state_json(board: Board, pause: Pause, map_trees: MapTrees | None) -> dict[str, Any]:
    """All that a page shows but for pictures; null where a value is undefined."""
    version = board.news.version  # before the rest: what changes meanwhile is asked for once more
    newest = board.newest
    return {
        "schema": SCHEMA,
        "version": version,
        "notice": NOTICE,
        "run": _run(board, pause),
        "source": _source(board),
        "field": None if newest is None else _field(newest, map_trees),
        "counts": _counts(board),
        "age": _ages(board),
    }


def _run(board: Board, pause: Pause) -> dict[str, Any]:
    about, state = board.about, board.state
    is_paused = state is RunState.RUNNING and pause.on
    return {
        "state": PAUSED if is_paused else state.value,
        "slide": about.slide,
        "source": about.source,
        "live": about.live,
        "journal": about.journal,
        "message": board.message,
        "reviewable": about.journal,
    }


def _source(board: Board) -> dict[str, Any]:
    event = board.source
    return {
        "state": event.state.value,
        "detail": event.detail,
        "since_ms": _since_ms(event.at_tick_ns),
    }


def _field(kept: KeptField, map_trees: MapTrees | None) -> dict[str, Any]:
    result = kept.result
    evidence = result.evidence
    return {
        "number": kept.number,
        "id": result.journal_id,
        "name": result.frame.name,
        "size_px": list(result.frame.size_px),
        "frame_age_ms": number(result.frame_age_ms),
        "since_ms": _since_ms(kept.shown_tick_ns),
        **_vote(result),
        "flags": list(result.flags),
        "explained": None if evidence is None else evidence.class_name,
        "method": None if evidence is None else evidence.method,
        "methods": list(kept.methods(map_trees)),
        "classes": list(kept.classes),
        "map_network": kept.map_network,
        "mask": result.mask is not None,
        "cells": [_cell(cell, new=new) for cell, new in _with_new(result)],
    }


def _vote(result: Result) -> dict[str, Any]:
    vote = result.vote
    if vote is None:
        names = ("stage", "probability", "voter", "head_stage")
        return {**dict.fromkeys(names), "probabilities": {}}
    return {
        "stage": vote.stage,
        "probability": number(vote.probabilities[vote.stage]),
        "probabilities": _numbers(vote.probabilities),
        "voter": vote.voter,
        "head_stage": vote.head_stage,
    }


def _with_new(result: Result) -> list[tuple[Cell, bool]]:
    """Each cell, and whether no field before has shown it."""
    place = result.on_slide
    new = (True,) * len(result.cells) if place is None else place.new
    return list(zip(result.cells, new, strict=True))


def _cell(cell: Cell, *, new: bool) -> dict[str, Any]:
    return {
        "box_px": list(cell.box_px),
        "type": cell.type,
        "probability": number(cell.probability),
        "new": new,
    }


def _counts(board: Board) -> dict[str, Any]:
    counts = board.counts()
    captured, drops = board.books()
    return {
        "fields": counts.fields,
        "captured": captured,
        "stages": dict(counts.stages),
        "cells": dict(counts.cells),
        "white_cells": counts.white_cells,
        "heading": counts.heading,
        "flags": dict(counts.flags),
        "drops": dict(drops),
    }


def _ages(board: Board) -> dict[str, Any]:
    ages = board.ages()
    return {"median_ms": number(ages.median_ms), "p95_ms": number(ages.p95_ms), "n": ages.n}


def _since_ms(tick_ns: int) -> int:
    return max(0, (time.monotonic_ns() - tick_ns) // 1_000_000)


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: number(value) for name, value in values.items()}


def number(value: float | None) -> float | None:
    """Short, and null where it is no number."""
    return round(value, DECIMALS) if value is not None and math.isfinite(value) else None
