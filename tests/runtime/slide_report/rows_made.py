"""Rows of the journal without a journal."""

from dataclasses import replace

from leukoscope.runtime.journal.records import CellRow, EventRow, FieldRow, StopRow
from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.journal.summary import Session

SECOND = 10**9


def field(number: int, stage: str | None = "Early", **changes) -> FieldRow:
    made = FieldRow(
        id=number,
        session=1,
        source="smears",
        name=f"f_{number}",
        frame=number - 1,
        captured_wall_ns=1_700_000_000 * SECOND + number,
        captured_tick_ns=100 * SECOND + number * SECOND,
        media_time_ns=None,
        frame_age_ms=12.5,
        size_px=(640, 480),
        stage=stage,
        probability=0.9,
        probabilities={} if stage is None else {stage: 0.9},
        voter="trees",
        head_stage=stage,
        flags=(),
        um_per_px=None,
        scale_source="unknown",
        stop=None,
        island=None,
        slide_xy_px=None,
        certain=None,
        joined=(),
        evidence_network=None,
        evidence_class=None,
        evidence_method=None,
        evidence_on_cells=None,
    )
    return replace(made, **changes)


def cell(field: int, number: int, kind: str = "blast", **changes) -> CellRow:
    made = CellRow(
        field=field,
        cell=number,
        slide_number=None,
        new=True,
        counted=True,
        box_px=(10, 20, 30, 40),
        type=kind,
        probability=0.9,
        probabilities={kind: 0.9},
        area_px=900,
        area_um2=None,
        nc_ratio=2.0,
        roundness=0.9,
    )
    return replace(made, **changes)


def session(number: int = 1, **changes) -> Session:
    made = Session(
        id=number,
        source="smears",
        live=False,
        bundle_sha256="ab" * 32,
        settings={},
        device="a test",
        version="0.1.0",
        stages=("Benign", "Early", "Pre", "Pro"),
        cell_types=("lymphocyte", "blast", "other"),
        models={},
        began_wall_ns=1_700_000_000 * SECOND,
        began_tick_ns=100 * SECOND,
        seconds=300.0,
        ending="done",
        fields=0,
        drops={},
    )
    return replace(made, **changes)


def event(at_s: float, state: str | None = None, detail: str = "a line") -> EventRow:
    return EventRow(1, 1, 0, round((100 + at_s) * SECOND), state, detail)


def stop(at_s: float) -> StopRow:
    return StopRow(1, 1, "s", 0, 0, round((100 + at_s) * SECOND), None, 0, "moving")


def review(
    number: int, field: int, cell: int | None, verdict: str, value: str | None = None
) -> Review:
    return Review(number, number, "AB", field, cell, verdict, value)
