"""The tables as Parquet, for those who compute on; units, what each column is, and the notice are in its metadata."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leukoscope.errors import MachineError
from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.slide_report.columns import (
    INTEGER,
    MOMENT,
    REAL,
    TEXT,
    TRUTH,
    Column,
)
from leukoscope.runtime.slide_report.words import NOTICE

if TYPE_CHECKING:
    import pyarrow


def check_parquet() -> None:
    """MachineError with the command, where pyarrow is missing."""
    try:
        import pyarrow
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MachineError(
            "--parquet needs pyarrow, which is not installed",
            next_step="pip install 'leukoscope[parquet]'",
        ) from None


def parquet_bytes(columns: Sequence[Column[Any]], rows: Sequence[Any], slide: str) -> bytes:
    """One row a line. Texts are as the journal has them, whatever characters they hold."""
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema(
        [_field(one) for one in columns],
        metadata={"notice": NOTICE.lower(), "slide": slide, "made_by": "leukoscope", "schema": "1"},
    )
    arrays = [_values(one, rows) for one in columns]
    table = pyarrow.Table.from_arrays(
        [pyarrow.array(values, field.type) for values, field in zip(arrays, schema, strict=True)],
        schema=schema,
    )
    data = io.BytesIO()
    pyarrow.parquet.write_table(table, data, compression="zstd")
    return data.getvalue()


def _field(column: Column[Any]) -> "pyarrow.Field":
    import pyarrow

    kinds = {
        INTEGER: pyarrow.int64(),
        REAL: pyarrow.float64(),
        TRUTH: pyarrow.bool_(),
        TEXT: pyarrow.string(),
        MOMENT: pyarrow.timestamp("ns", tz="UTC"),
    }
    told = {"unit": column.unit, "what": column.what}
    return pyarrow.field(column.name, kinds[column.kind], metadata=told)


def _values(column: Column[Any], rows: Sequence[Any]) -> list[Any]:
    values = [column.value(row) for row in rows]
    return [number(one) for one in values] if column.kind == REAL else values
