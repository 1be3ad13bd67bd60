"""The page says what is there: every table and column, and queries that work."""

import re
import sqlite3
from pathlib import Path

import pytest

from leukoscope.runtime.journal.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

PAGE = (Path(__file__).parents[3] / "docs" / "journal.md").read_text(encoding="utf-8")
QUERIES = re.findall(r'^    sqlite3 -readonly slide\.db "(.+)"$', PAGE, re.M)


@pytest.mark.parametrize(
    "statement", [s for s in TABLES if "TABLE" in s], ids=lambda s: s.split()[2]
)
def test_every_column_is_told_under_its_table(statement):
    table = re.match(r"CREATE TABLE (\w+)", statement).group(1)
    section = PAGE.split(f"### {table}\n", 1)[1].split("\n##", 1)[0]
    columns = set(re.findall(r"^    ([a-z_0-9]+) (?:INTEGER|TEXT|REAL|BLOB)", statement, re.M))
    told = {
        name
        for line in re.findall(r"^\| (`.+?) \|", section, re.M)
        for name in re.findall(r"`(\w+)`", line)
    }
    assert told == columns


def test_the_page_tells_the_marks_of_the_file():
    assert f"0x{APPLICATION_ID:X}" in PAGE and f"## Schema, version {SCHEMA_VERSION}\n" in PAGE


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_work(query, filled):
    written = {}
    with sqlite3.connect(filled) as connection:
        connection.create_function("writefile", 2, lambda name, data: written.update({name: data}))
        rows = connection.execute(query).fetchall()
    connection.close()
    if "writefile" not in query and "drops" not in query and "Pro" not in query:
        assert rows
    assert len(QUERIES) == 5
