"""One JSON object a field, as other programs read it: the contract `run --jsonl`, schema 1."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from leukoscope.runtime.field import Cell, Evidence, Frame, Result
from leukoscope.runtime.sinks.sink import make_folder, writing

SCHEMA = 1
DECIMALS = 6


class JsonLines:
    """Writes a line a field to `path`, flushed at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "JsonLines":
        make_folder(self._path.parent)
        with writing(self._path):
            self._file: TextIO = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with writing(self._path):
            self._file.close()

    def write(self, result: Result) -> None:
        """See `Sink.write`."""
        self._put(field_row(result))

    def skip(self, frame: Frame) -> None:
        """A stop of the stage that gave no field, with its cause."""
        self._put(skipped_row(frame))

    def _put(self, row: Mapping[str, Any]) -> None:
        with writing(self._path):
            self._file.write(json.dumps(row, allow_nan=False) + "\n")
            self._file.flush()


def field_row(result: Result) -> dict[str, Any]:
    """The object of one field; null where a value is undefined, never NaN.

    `explanation` is there only with `--explain trees`.
    """
    vote = result.vote
    return {
        **_frame_row(result.frame, result.frame_age_ms),
        "stage": vote.stage if vote else None,
        "probabilities": {n: _number(p) for n, p in vote.probabilities.items()} if vote else {},
        "voter": vote.voter if vote else None,
        "head_stage": vote.head_stage if vote else None,
        "flags": list(result.flags),
        "cells": [_cell_row(cell) for cell in result.cells],
        "skipped": None,
        **_explanation(result.evidence),
        **_scale(result.frame),
        **_on_slide(result),
    }


def skipped_row(frame: Frame) -> dict[str, Any]:
    """The object of a stop of the stage that gave no field; `skipped` is its cause."""
    return {
        **_frame_row(frame, None),
        "stage": None,
        "probabilities": {},
        "voter": None,
        "head_stage": None,
        "flags": [],
        "cells": [],
        "skipped": frame.choice.cause if frame.choice else None,
    }


def _frame_row(frame: Frame, age_ms: float | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "source": frame.source,
        "frame": frame.index,
        "captured_at_ns": frame.captured_at_ns,
        "frame_age_ms": _number(age_ms),
        "size_px": list(frame.size_px),
    }


def _scale(frame: Frame) -> dict[str, Any]:
    if frame.scale.um_per_px is None:
        return {}
    known = {"um_per_px": _number(frame.scale.um_per_px), "source": frame.scale.source}
    return {"scale": known}


def _on_slide(result: Result) -> dict[str, Any]:
    place = result.on_slide
    if place is None:
        return {}
    x, y = place.position_px
    return {
        "on_slide": {
            "island": place.island,
            "position_px": [_number(x), _number(y)],
            "certain": place.certain,
            "cell_numbers": list(place.cell_numbers),
            "new": list(place.new),
        }
    }


def _explanation(evidence: Evidence | None) -> dict[str, Any]:
    if evidence is None or evidence.even_share is None:
        return {}
    even_share = _number(evidence.even_share)
    return {"explanation": {"method": evidence.method, "even_share": even_share}}


def _cell_row(cell: Cell) -> dict[str, Any]:
    return {
        "box_px": list(cell.box_px),
        "type": cell.type,
        "probability": _number(cell.probability),
        "area_px": cell.area_px,
        "nc_ratio": _number(cell.nc_ratio),
        "roundness": _number(cell.roundness),
    }


def _number(value: float | None) -> float | None:
    return round(value, DECIMALS) if value is not None and math.isfinite(value) else None
