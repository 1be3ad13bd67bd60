import io
import sys

import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.slide_report.columns import cell_columns, field_columns
from leukoscope.runtime.slide_report.parquet import check_parquet, parquet_bytes


def test_a_table_comes_back_with_units_and_notice(parquet, reviewed_slide):
    slide = reviewed_slide
    data = parquet_bytes(cell_columns(slide), slide.cells, slide.name)
    table = parquet.read_table(io.BytesIO(data))
    assert table.schema.metadata[b"notice"] == b"research use only"
    assert table.schema.metadata[b"slide"] == slide.name.encode()
    assert table.schema.field("area_um2").metadata[b"unit"] == b"um2"
    assert table.num_rows == len(slide.cells)
    assert sum(table["machine_white_cell"].to_pylist()) == slide.machine.cells.total
    assert table["machine_type"].to_pylist() == [one.row.type for one in slide.cells]


def test_moments_are_moments_and_the_bytes_are_the_same(parquet, slide):
    columns = field_columns(slide)
    data = parquet_bytes(columns, slide.fields, slide.name)
    assert data == parquet_bytes(columns, slide.fields, slide.name)
    captured = parquet.read_table(io.BytesIO(data))["captured_at_utc"]
    assert str(captured.type) == "timestamp[ns, tz=UTC]"
    assert captured.cast("int64").to_pylist() == [one.row.captured_wall_ns for one in slide.fields]


def test_no_row_is_a_table_too(parquet, slide):
    table = parquet.read_table(io.BytesIO(parquet_bytes(field_columns(slide), (), "")))
    assert table.num_rows == 0 and "machine_stage" in table.column_names


def test_without_pyarrow_the_command_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MachineError, match=r"pip install 'leukoscope\[parquet\]'"):
        check_parquet()
