"""The slide under review as the page reads it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from leukoscope.runtime.field import UNCLASSIFIED
from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.journal.summary import Session
from leukoscope.runtime.viewer.answers import NOTICE
from leukoscope.runtime.viewer.reviewed_slide import GalleryCell, GalleryField, ReviewedSlide
from leukoscope.runtime.viewer.state_json import number


def summary_json(slide: ReviewedSlide, session: Session) -> dict[str, Any]:
    """Counts before and after, how many items each part of the gallery has, and who has looked."""
    return {
        "notice": NOTICE,
        "stages": list(session.stages),
        "types": list(session.cell_types),
        "unclassified": UNCLASSIFIED,
        "before": asdict(slide.before),
        "after": asdict(slide.after),
        "groups": {
            "cells": Counter(cell.group for cell in slide.cells),
            "fields": Counter(field.group for field in slide.fields),
        },
        "reviewers": list(slide.reviewers),
        "reviews": len(slide.reviews),
    }


def cell_json(cell: GalleryCell) -> dict[str, Any]:
    """The machine's answer and the reviewer's."""
    sighting = cell.sighting
    return {
        "field": sighting.field,
        "cell": sighting.cell,
        "type": sighting.type,
        "probability": number(sighting.probability),
        "probabilities": _numbers(sighting.probabilities),
        "new_type": cell.new_type,
        "review": review_json(cell.review),
    }


def field_json(field: GalleryField, *, cells: int, large: bool) -> dict[str, Any]:
    """The machine's answer and the reviewer's; `large`: whether there is a picture at its own size."""
    row = field.row
    return {
        "field": row.id,
        "name": row.name,
        "stage": row.stage,
        "probability": number(row.probability),
        "probabilities": _numbers(row.probabilities),
        "flags": list(row.flags),
        "new_stage": field.new_stage,
        "review": review_json(field.review),
        "cells": cells,
        "large": large,
    }


def review_json(review: Review | None) -> dict[str, Any] | None:
    """A review with its subject."""
    return None if review is None else asdict(review)


def _numbers(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: number(value) for name, value in values.items()}
