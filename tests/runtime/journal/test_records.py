"""Rows as those who read see them."""

import sqlite3
from dataclasses import replace

import pytest
from journal_made import about, fill, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.choose.choice import Choice
from leukoscope.runtime.journal import records
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal


def test_a_field_is_read_as_it_was_written(path):
    result = numbered(3, flags=("low_probability",), sure=0.5)
    with open_journal(path, about()) as journal:
        journal.write(result)
    with read_journal(path) as reader:
        field = reader.field(1)
        cells = reader.cells(1)
    assert (field.name, field.size_px, field.flags) == (
        result.frame.name,
        result.frame.size_px,
        ("low_probability",),
    )
    assert (field.stage, field.probability, field.voter) == ("Early", 0.5, "trees")
    assert field.slide_xy_px == (121.5, -2.0) and field.certain is False and field.island == 0
    assert [cell.box_px for cell in cells] == [cell.box_px for cell in result.cells]
    assert [(cell.new, cell.counted) for cell in cells] == [(False, False), (True, True)]


def test_fields_come_in_order_page_by_page(path, monkeypatch):
    monkeypatch.setattr(records, "PAGE", 4)
    fill(path, about(), 11)
    with read_journal(path) as reader:
        assert [field.id for field in reader.fields()] == list(range(1, 12))
        assert [field.id for field in reader.fields(after=5, limit=5)] == [6, 7, 8, 9, 10]
        assert [field.id for field in reader.fields(limit=0)] == []
        assert reader.field(12) is None and reader.field(0) is None
        assert len(reader.cells()) == 22


def test_a_cell_that_turned_out_to_be_another_is_not_counted(path):
    with open_journal(path, about()) as journal:
        for index, numbers, same in ((0, (1, 2), ()), (1, (11, 12), ()), (2, (12, 13), ((11, 1),))):
            place = replace(
                numbered(index).on_slide,
                cell_numbers=numbers,
                new=(index < 2, True),
                same_cells=same,
            )
            journal.write(replace(numbered(index), on_slide=place))
    with read_journal(path) as reader:
        counted = [cell.slide_number for cell in reader.cells() if cell.counted]
        assert counted == [1, 2, 12, 13]
        assert len(counted) == sum(reader.summary().cells.values())


def test_events_and_stops_are_told_in_order(path):
    with open_journal(path, about()) as journal:
        journal.note("one")
        journal.note("two")
        frame = replace(numbered(0).frame, choice=Choice("empty", 4, None))
        journal.skip_stop(frame)
    with read_journal(path) as reader:
        assert [event.detail for event in reader.events()] == ["one", "two"]
        assert [(stop.cause, stop.stop) for stop in reader.skipped_stops()] == [("empty", 4)]


def test_all_questions_inside_one_state_see_the_same_journal(path):
    with open_journal(path, about()) as journal, read_journal(path) as reader:
        journal.write(numbered(0))
        with reader.one_state():
            assert len(list(reader.fields())) == 1
            journal.write(numbered(1))
            assert len(list(reader.fields())) == 1 == reader.summary().fields
        assert reader.summary().fields == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fields SET flags = 'x'",
        "UPDATE fields SET flags = '{}'",
        "UPDATE fields SET probabilities = '[]'",
        "UPDATE fields SET frame_age_ms = 'long'",
        "UPDATE fields SET stage = x'00'",
        "UPDATE cells SET type = x'00'",
        "UPDATE cells SET area_px = 'large'",
        "UPDATE events SET detail = x'00'",
        "UPDATE reviews SET at_wall_ns = 'then'",
        "UPDATE crops SET jpeg = 'none'",
        "UPDATE views SET jpeg = 3",
    ],
)
def test_rows_of_another_make_are_refused(filled, change):
    with sqlite3.connect(filled) as connection:
        connection.execute("INSERT INTO reviews VALUES (1, 1, 'AB', 1, NULL, 'accept', NULL)")
        connection.execute(change)
    connection.close()
    with read_journal(filled) as reader, pytest.raises(InputError, match="is damaged"):
        list(reader.fields())
        reader.cells()
        reader.events()
        reader.reviews()
        reader.crop(1, 0)
        reader.view(1)


def test_a_field_tells_which_islands_it_joined(path):
    result = numbered(0)
    with open_journal(path, about()) as journal:
        journal.write(replace(result, on_slide=replace(result.on_slide, joined=(3, 5))))
        journal.write(numbered(1, placed=False))
    with read_journal(path) as reader:
        assert [field.joined for field in reader.fields()] == [(3, 5), ()]
