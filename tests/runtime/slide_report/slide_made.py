"""Journals of painted fields, through the journal's own writer, without any network: for the report's tests and its cost."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from journal_made import about
from stand_ins import stage_reading

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.truth import PaintedCell
from leukoscope.runtime.explain import lay_on_field
from leukoscope.runtime.field import Cell, Frame, Result, Vote
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.sources.source import SourceEvent, SourceState

MODELS = {
    "networks": {
        "xincept_all": {
            "size": "small",
            "parameters": 3257740,
            "trained": True,
            "precision": "int8",
            "backend": "onnxruntime-cpu",
            "gate": {
                "outcome": "passed",
                "n": 328,
                "groups": 41,
                "checks": [
                    {"name": "accuracy", "reference": 0.97, "variant": 0.968, "budget": 0.005, "outcome": "passed"},
                ],
            },
            "metrics": {"held": {"n": 344, "accuracy": 0.9651, "recall": {"Pre": 0.9259}, "confusion": {"Pre": {"Pro": 1}}}},
        },
    },
    "voter": "trees",
}  # fmt: skip


def painted(stage: str, seed: int) -> Result:
    """A painted field as two perfect networks would judge it."""
    field = paint_field(stage, seed)
    frame = Frame(field.image, "smears", f"{stage}_{seed}", seed)
    rng = np.random.default_rng(seed)
    cams = np.maximum(rng.standard_normal((4, 12, 12)), 0).astype(np.float32)
    reading = stage_reading(frame, [0.25] * 4, cams)
    evidence = lay_on_field(reading, "xincept_all", stage, field.mask)
    cells = tuple(_cell(one) for one in field.cells)
    vote = vote_of(stage, 0.9)
    return Result(
        frame, {"xincept_all": reading}, field.mask, field.instances, cells, vote, (), evidence
    )


def vote_of(stage: str, sure: float) -> Vote:
    others = dict.fromkeys(STAGES, (1 - sure) / (len(STAGES) - 1))
    return Vote({**others, stage: sure}, stage, "trees", stage)


def another(result: Result, index: int, first_number: int, *, sure: float, flags=()) -> Result:
    """The same picture as field `index`, `first_number` and on being the numbers of its cells on the slide."""
    now = {"captured_at_ns": time.time_ns(), "captured_tick_ns": time.monotonic_ns()}
    frame = replace(result.frame, name=f"{result.frame.name}_{index}", index=index, **now)
    numbers = tuple(range(first_number, first_number + len(result.cells)))
    place = OnSlide(index // 40, (300.0 * index, 0.0), 1.0, True, numbers, (True,) * len(numbers))
    vote = vote_of(result.vote.stage, sure)
    evidence = replace(result.evidence, class_name=vote.stage)
    return replace(
        result, frame=frame, vote=vote, flags=tuple(flags), on_slide=place, evidence=evidence
    )


def write_slide(
    path: Path,
    fields: int,
    *,
    stages: Sequence[str] = STAGES,
    said: SessionAbout | None = None,
    pictures: int = 6,
) -> int:
    """A session of `fields` fields, of which every tenth is flagged; returns how many white cells it counts."""
    results = [painted(stages[i % len(stages)], i) for i in range(pictures)]
    said = said or about(models=MODELS)
    number = 1
    with open_journal(path, said) as journal:
        for index in range(fields):
            flags = ("low_probability",) if index % 10 == 9 else ()
            result = results[index % len(results)]
            sure = 0.5 if flags else 0.7 + (index * 37 % 97) / 400
            result = another(result, index, number, sure=sure, flags=flags)
            number += len(result.cells)
            if index == fields // 2:
                journal.note(_event(SourceState.LOST, "the camera went away"))
                journal.note(_event(SourceState.LIVE, "it is back"))
            journal.write(result)
        journal.count_drops({"moving": 10 * fields, "same_stop": 3 * fields})
    return number - 1


def _event(state: SourceState, detail: str) -> SourceEvent:
    return SourceEvent(state, detail, time.monotonic_ns())


def _cell(cell: PaintedCell) -> Cell:
    cytoplasm = cell.area_px - cell.nucleus_area_px
    ratio = cell.nucleus_area_px / cytoplasm if cytoplasm > 0 else None
    probabilities = {name: 0.93 if name == cell.type else 0.01 for name in CELL_TYPES}
    return Cell(cell.box_px, probabilities, cell.area_px, ratio, 0.95)
