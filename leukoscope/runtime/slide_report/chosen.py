"""Which fields the page shows (our choice), and their pictures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from leukoscope.runtime.journal.read import JournalReader
from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.journal.shelf import LEADING_PER_KIND
from leukoscope.runtime.slide_report.contents import FieldAnswer, Shown
from leukoscope.runtime.slide_report.pictures import shown

LEADING, FLAGGED = 6, 8
"""Of each stage, and of the flagged."""


def leading_of(
    reader: JournalReader, fields: Sequence[FieldAnswer], stages: Iterable[str]
) -> Mapping[str, tuple[Shown, ...]]:
    """By stage: fields that count for it, the surest of it first; of equal ones the earlier."""
    return {
        stage: tuple(islice(_pictured(reader, _surest(fields, stage)), LEADING)) for stage in stages
    }


def flagged_of(reader: JournalReader, fields: Sequence[FieldAnswer]) -> tuple[Shown, ...]:
    """The first of the flagged fields."""
    flagged = [one for one in fields if one.row.flags]
    return tuple(islice(_pictured(reader, flagged[:LEADING_PER_KIND]), FLAGGED))


def _surest(fields: Sequence[FieldAnswer], stage: str) -> list[FieldAnswer]:
    counting = [one for one in fields if one.reviewed == stage]
    ranked = sorted(
        counting, key=lambda one: (-(number(one.row.probabilities.get(stage)) or 0.0), one.row.id)
    )
    return ranked[:LEADING_PER_KIND]


def _pictured(reader: JournalReader, fields: Iterable[FieldAnswer]) -> Iterator[Shown]:
    """Those of which something was kept; a picture is made only when it is asked for."""
    for field in fields:
        picture = shown(reader, field)
        if picture is not None:
            yield picture
