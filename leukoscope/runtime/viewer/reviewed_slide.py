"""A slide as the machine and the reviewers see it together, at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leukoscope.runtime.journal.counts import (
    SlideCounts,
    count_slide,
    stage_after,
    standing_sightings,
    type_after,
)
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import REJECT, Review, Subject, standing

REJECTED, FLAGGED, NO_STAGE = "rejected", "flagged", "none"
"""Groups of the gallery that are no stage and no type."""

CellKey = tuple[int, int]
"""Field and cell of the sighting that is counted: the order of the gallery, whatever is said of them."""


@dataclass(frozen=True)
class GalleryCell:
    """A cell of the slide, once."""

    key: CellKey
    sighting: CellRow
    """The one that stands for it, and that a review is about: another than the counted one where that one's field is
    rejected."""
    review: Review | None
    new_type: str | None
    """None where it is rejected, by itself or with its field."""

    @property
    def group(self) -> str:
        """Where it is shown."""
        return REJECTED if self.new_type is None else self.new_type


@dataclass(frozen=True)
class GalleryField:
    """A field."""

    row: FieldRow
    review: Review | None
    new_stage: str | None
    """None where it counts for no stage."""

    @property
    def group(self) -> str:
        """Where it is shown."""
        if self.review is not None and self.review.verdict == REJECT:
            return REJECTED
        if self.new_stage is not None:
            return self.new_stage
        return FLAGGED if self.row.flags else NO_STAGE


@dataclass(frozen=True, eq=False)
class ReviewedSlide:
    """Everything is worked out when it is first asked for, and then kept: the slide does not change under it."""

    field_rows: Sequence[FieldRow]
    cell_rows: Sequence[CellRow]
    reviews: Sequence[Review]

    @cached_property
    def said(self) -> Mapping[Subject, Review]:
        """What holds."""
        return standing(self.reviews)

    @cached_property
    def before(self) -> SlideCounts:
        """The machine's counts."""
        return count_slide(self.field_rows, self.cell_rows, self.said, reviewed=False)

    @cached_property
    def after(self) -> SlideCounts:
        """The counts after review."""
        return count_slide(self.field_rows, self.cell_rows, self.said, reviewed=True)

    @property
    def reviewers(self) -> tuple[str, ...]:
        """In the order of their first review."""
        return tuple(dict.fromkeys(review.reviewer for review in self.reviews))

    @cached_property
    def fields(self) -> tuple[GalleryField, ...]:
        """In the order of the journal."""
        return tuple(self._fields())

    @cached_property
    def cells(self) -> tuple[GalleryCell, ...]:
        """In the order in which they were first seen."""
        return tuple(self._cells())

    @cached_property
    def cells_in_field(self) -> Mapping[int, int]:
        """How many cells each field shows."""
        counts: dict[int, int] = {}
        for cell in self.cell_rows:
            counts[cell.field] = counts.get(cell.field, 0) + 1
        return counts

    @cached_property
    def counted_sightings(self) -> Mapping[int, CellKey]:
        """By the cell's number on the slide: the sighting of which the journal has a picture."""
        return {
            cell.slide_number: (cell.field, cell.cell)
            for cell in self.cell_rows
            if cell.counted and cell.slide_number is not None
        }

    def _fields(self) -> Iterator[GalleryField]:
        for row in self.field_rows:
            review = self.said.get((row.id, None))
            yield GalleryField(row, review, stage_after(row, review))

    def _cells(self) -> Iterator[GalleryCell]:
        gone = {field.row.id for field in self.fields if field.group == REJECTED}
        counted = [cell for cell in self.cell_rows if cell.counted]
        for cell, stands in zip(counted, standing_sightings(self.cell_rows, gone), strict=True):
            sighting = stands or cell
            review = self.said.get((sighting.field, sighting.cell))
            new_type = None if stands is None else type_after(sighting, review)
            yield GalleryCell((cell.field, cell.cell), sighting, review, new_type)
