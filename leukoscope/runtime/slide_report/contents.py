"""All that the report tells of a slide, as plain data: `gather` makes it, page, tables and JSON write it down."""

from collections.abc import Mapping
from dataclasses import dataclass

from leukoscope.runtime.journal.counts import SlideCounts
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.journal.reviews import Review
from leukoscope.runtime.journal.summary import Session
from leukoscope.runtime.slide_report.groups import Groups
from leukoscope.runtime.slide_report.rule import Conclusion
from leukoscope.runtime.slide_report.shares import Shares
from leukoscope.runtime.slide_report.strips import Strip

EMPTY, RUNNING, CRASHED = "empty", "running", "crashed"
NUCLEATED_OTHER = "nucleated other"
"""A cell with a nucleus that is not white: counted beside the white cells, not among them."""


@dataclass(frozen=True)
class FieldAnswer:
    """One field, and what it counts for; None: it does not count."""

    row: FieldRow
    group: str
    machine: str | None
    """Its stage, if the machine let it count: no flag."""
    reviewed: str | None
    """Its stage after review; without a review the machine's."""
    review: Review | None
    """What stands of it."""


@dataclass(frozen=True)
class CellAnswer:
    """One cell as one field shows it, and as what it is counted; None: this sighting is not counted."""

    row: CellRow
    machine: str | None
    """A type, `unclassified`, or NUCLEATED_OTHER."""
    reviewed: str | None
    review: Review | None


@dataclass(frozen=True)
class Judgement:
    """The slide by one of the two answers: the machine's alone, or after review."""

    counts: SlideCounts
    stages: Shares
    cells: Shares
    """White cells by type, `unclassified` last."""
    conclusion: Conclusion


@dataclass(frozen=True)
class ReviewLine:
    """One answer of a person, beside the machine's."""

    review: Review
    subject: str
    """The field's name."""
    machine: str | None
    """The machine's stage, or type."""
    stands: bool
    """False where a later answer took its place."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A field that the page shows. Pictures are JPEG."""

    field: FieldAnswer
    plain_jpeg: bytes
    drawn_jpeg: bytes | None
    """With the outlines of the mask and the map of the class that the machine voted; None where neither was kept."""
    outlined: bool
    """Whether the mask was kept."""


@dataclass(frozen=True, eq=False)
class Slide:
    """All of a report."""

    name: str
    made_wall_ns: int
    state: str
    """`empty`, `running`, or the last session's ending: `done`, `stopped`, `crashed`."""
    sessions: tuple[Session, ...]
    stages: tuple[str, ...]
    cell_types: tuple[str, ...]
    groups: Groups
    fields: tuple[FieldAnswer, ...]
    cells: tuple[CellAnswer, ...]
    machine: Judgement
    reviewed: Judgement | None
    """None where nobody reviewed."""
    reviews: tuple[ReviewLine, ...]
    drops: Mapping[str, int]
    skipped_stops: Mapping[str, int]
    strips: tuple[Strip, ...]
    leading: Mapping[str, tuple[Shown, ...]]
    """By stage, the surest first; without pictures empty."""
    flagged: tuple[Shown, ...]

    @property
    def crashed(self) -> tuple[int, ...]:
        """Numbers of the sessions that came to no end."""
        return tuple(one.id for one in self.sessions if one.ending == CRASHED)

    @property
    def standing(self) -> Judgement:
        """What the report goes by: after review where there is one."""
        return self.reviewed or self.machine
