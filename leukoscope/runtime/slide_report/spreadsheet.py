"""The tables as CSV that a spreadsheet opens rightly: UTF-8 with its mark, CRLF, RFC 4180, nothing that it would compute."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.report.markup import SPACES, STRANGE
from leukoscope.runtime.slide_report.columns import MOMENT, REAL, TEXT, TRUTH, Column
from leukoscope.runtime.slide_report.moments import utc
from leukoscope.runtime.slide_report.words import NOTICE

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for an old code page."""
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""A text that begins so would be computed; the wide forms are taken for them in some languages."""
NOTICE_HEAD = f"notice: {NOTICE.lower()}"


def csv_bytes(columns: Sequence[Column[Any]], rows: Iterable[Any]) -> bytes:
    """One row a line, the names of the columns first.

    The notice is the last column: it is in every row, however they are sorted, filtered or pasted elsewhere, and in an
    empty table's head; no column of numbers has a text in it, so a spreadsheet adds each of them up (our choice).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*(safe(one.name) for one in columns), NOTICE_HEAD])
    for row in rows:
        writer.writerow([*_cells(columns, row), NOTICE.lower()])
    return (MARK + text.getvalue()).encode("utf-8", "replace")


def safe(text: str) -> str:
    """On one line, without what is not printed; what would be a formula begins with an apostrophe."""
    shown = "".join(one if one.isprintable() or one in SPACES - {"\n"} else STRANGE for one in text)
    return f"'{shown}" if shown.lstrip()[:1] in FORMULA and shown.strip() else shown


def _cells(columns: Sequence[Column[Any]], row: Any) -> Iterator[str | int | float]:
    for column in columns:
        value = column.value(row)
        if value is None:
            yield ""
        elif column.kind == TEXT:
            yield safe(value)
        elif column.kind == MOMENT:
            yield utc(value, milliseconds=True)
        elif column.kind == REAL:
            rounded = number(value)
            yield "" if rounded is None else rounded
        else:
            yield int(value) if column.kind == TRUTH else value
