"""A field into its tables, within the caller's transaction."""

import sqlite3

from leukoscope.runtime.field import Result
from leukoscope.runtime.journal.grids import maps_row
from leukoscope.runtime.journal.rows import (
    CELL_COLUMNS,
    FIELD_COLUMNS,
    SAME_COLUMNS,
    cell_rows,
    field_row,
    insert,
    same_rows,
)

INSERT_FIELD = insert("fields", FIELD_COLUMNS)
INSERT_CELL = insert("cells", CELL_COLUMNS)
INSERT_SAME = insert("same_cells", SAME_COLUMNS, "OR IGNORE")
INSERT_MAPS = "INSERT INTO maps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_THUMBNAIL = "INSERT INTO thumbnails VALUES (?, ?)"


def insert_field(connection: sqlite3.Connection, session: int, scope: int, result: Result) -> int:
    """The field with its cells and maps; returns its id, one more than the greatest."""
    row = field_row(session, scope, result)
    field = int(connection.execute(INSERT_FIELD, row).lastrowid or 0)
    connection.executemany(INSERT_CELL, cell_rows(field, result))
    connection.executemany(INSERT_SAME, same_rows(field, result))
    if (maps := maps_row(result)) is not None:
        connection.execute(INSERT_MAPS, (field, *maps))
    return field
