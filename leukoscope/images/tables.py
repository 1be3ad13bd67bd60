"""The small CSV tables of a data folder, labels.csv and groups.csv: a key column and a value column."""

import csv
from pathlib import Path

from leukoscope.errors import InputError


def read_table(path: Path, key: str, value: str) -> dict[str, str]:
    """Rows of a UTF-8 CSV file with a header as key -> value, blanks stripped.

    InputError names the file and the line: a column missing, a row without a key, a key twice, no text file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(csv.DictReader(file, strict=True), path, key, value)
    except (OSError, UnicodeDecodeError, csv.Error) as cause:
        raise InputError(
            f"{path} cannot be read: {cause}", wanted=f"UTF-8 CSV with the columns {key},{value}"
        ) from cause


def _rows(reader: "csv.DictReader[str]", path: Path, key: str, value: str) -> dict[str, str]:
    header = [name.strip() for name in reader.fieldnames or []]
    if header.count(key) != 1 or header.count(value) != 1:
        raise InputError(
            f"{path} has the columns {','.join(header) or '(none)'}", wanted=f"{key},{value}"
        )
    reader.fieldnames = header
    table: dict[str, str] = {}
    for row in reader:
        name = (row[key] or "").strip()
        where = f"{path}, line {reader.line_num}"
        if not name or row[value] is None or None in row:
            raise InputError(f"{where}: a row that is not {key},{value}", next_step="mend the row")
        if name in table:
            raise InputError(f"{where}: {name} a second time", wanted="one row an image")
        table[name] = row[value].strip()
    return table
