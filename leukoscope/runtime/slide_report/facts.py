"""The report as JSON, schema 1, for a bridge to a laboratory's system: `docs/report-json.md` gives every key."""

from collections.abc import Mapping
from typing import Any

from leukoscope import __version__
from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.journal.summary import Session
from leukoscope.runtime.slide_report.contents import Judgement, ReviewLine, Slide
from leukoscope.runtime.slide_report.moments import utc
from leukoscope.runtime.slide_report.rule import (
    LEAST_FIELDS,
    LEAST_GROUPS,
    LEAST_LOW_END,
    MOST_LEFT_OUT,
    Conclusion,
)
from leukoscope.runtime.slide_report.sections.cells import differential
from leukoscope.runtime.slide_report.shares import Shares
from leukoscope.runtime.slide_report.words import NOTICE

SCHEMA = 1


def to_json(slide: Slide) -> dict[str, Any]:
    """Plain JSON values; null where a value is undefined, never NaN. The same keys for every journal."""
    return {
        "schema": SCHEMA,
        "notice": NOTICE.lower(),
        "leukoscope": __version__,
        "slide": slide.name,
        "begun_at": utc(slide.made_wall_ns),
        "state": slide.state,
        "crashed_sessions": list(slide.crashed),
        "basis": "machine" if slide.reviewed is None else "reviewed",
        "rule": {
            "least_fields": LEAST_FIELDS,
            "least_groups": LEAST_GROUPS,
            "most_left_out_share": number(MOST_LEFT_OUT),
            "low_end_above_share": LEAST_LOW_END,
        },
        "groups": {
            "kind": slide.groups.kind,
            "count": slide.groups.count,
            "fields_a_block": slide.groups.block_fields,
        },
        "machine": _judgement(slide, slide.machine),
        "reviewed": None if slide.reviewed is None else _judgement(slide, slide.reviewed),
        "reviews": [_review(line) for line in slide.reviews],
        "skipped_stops": dict(slide.skipped_stops),
        "drops": dict(slide.drops),
        "sessions": [_session(one) for one in slide.sessions],
    }


def _judgement(slide: Slide, judged: Judgement) -> dict[str, Any]:
    counts = judged.counts
    total = len(slide.fields)
    return {
        "conclusion": _conclusion(judged.conclusion),
        "fields": {
            "judged": total,
            "counted": judged.stages.total,
            "flagged": counts.flagged,
            "rejected": counts.rejected,
            "without_stage": total - judged.stages.total - counts.flagged - counts.rejected,
        },
        "stages": _shares(judged.stages),
        "differential": {
            "heading": differential(judged).heading,
            "enough": differential(judged).enough,
            **_shares(judged.cells),
            "nucleated_others": counts.nucleated_others,
            "nucleated_others_per_100": number(differential(judged).nucleated_others_per_100),
            "rejected_cells": counts.rejected_cells,
        },
    }


def _conclusion(found: Conclusion) -> dict[str, Any]:
    def plain(value: float | None) -> float | None:
        return value if isinstance(value, int) else number(value)

    return {
        "outcome": found.outcome,
        "stage": found.stage,
        "leading": found.leading,
        "checks": [
            {"name": one.name, "found": plain(one.found), "limit": plain(one.limit), "passed": one.passed}
            for one in found.checks
        ],
    }  # fmt: skip


def _shares(shares: Shares) -> dict[str, Any]:
    return {
        "total": shares.total,
        "groups": shares.groups,
        "counts": {one.name: one.count for one in shares.parts},
        "shares": {one.name: number(one.share) for one in shares.parts},
        "intervals": {
            one.name: None
            if one.interval is None
            else [number(one.interval.low), number(one.interval.high)]
            for one in shares.parts
        },
    }


def _review(line: ReviewLine) -> dict[str, Any]:
    one = line.review
    return {
        "id": one.id,
        "at": utc(one.at_wall_ns, milliseconds=True),
        "reviewer": one.reviewer,
        "field": one.field,
        "cell": one.cell,
        "name": line.subject,
        "machine": line.machine,
        "verdict": one.verdict,
        "value": one.value,
        "stands": line.stands,
    }


def _session(one: Session) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": one.source,
        "live": one.live,
        "began_at": utc(one.began_wall_ns),
        "seconds": number(one.seconds),
        "ending": one.ending,
        "fields": one.fields,
        "drops": dict(one.drops),
        "device": one.device,
        "leukoscope": one.version,
        "bundle_sha256": one.bundle_sha256,
        "models": finite(one.models),
    }


def finite(value: Any) -> Any:
    """What JSON may hold, at any depth: null for NaN and infinity, which a foreign journal might have."""
    if isinstance(value, Mapping):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return (value if number(value) is not None else None) if isinstance(value, float) else value
