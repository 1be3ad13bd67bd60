import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from stand_ins import blob_field, result_of
from stream_made import QUALITY

from leukoscope.errors import InputError
from leukoscope.runtime import record as module
from leukoscope.runtime.choose.choice import Choice
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.record import POSSIBLE_REPEAT, NoRecord, SlideRecord
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.sources.source import SourceEvent, SourceState

ABOUT = SessionAbout("ab" * 32, "S-1", "smears", {}, "a test")


class Map:
    """A map that says where fields lie as it is told."""

    def __init__(self, certain=True):
        self.certain, self.asked = certain, []

    def place(self, pixels, cells, *, um_per_px):
        self.asked.append((pixels.shape, len(cells), um_per_px))
        numbers = tuple(range(1, len(cells) + 1))
        return OnSlide(1, (0.0, 0.0), 1.0, self.certain, numbers, (True,) * len(cells))

    def thumbnail(self):
        return b"thumbnail"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "slide.db"


@pytest.fixture
def journal(path):
    with open_journal(path, ABOUT) as opened:
        yield opened


def missed(index=3):
    choice = Choice("empty", 1, QUALITY)
    return replace(blob_field(index=index), name=f"stop_{index:06d}", choice=choice)


def summary(path):
    with read_journal(path) as reader:
        return reader.summary()


def rows(path, question):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def test_without_journal_and_map_a_result_is_what_it_was():
    result = result_of(blob_field())
    for record in (NoRecord(), SlideRecord(None, None)):
        assert record.write(result, {}) is result
        record.skip(missed())
        record.drops({"late": 1})
        record.rest({})
        record.event(SourceEvent(SourceState.LIVE, "", 1))
        record.stop()
    SlideRecord(None, None).close()


def test_a_field_is_placed_and_then_committed_with_its_place(path, journal):
    slide = Map()
    frame = replace(blob_field(), scale=FieldScale(0.2, "given"))
    got = SlideRecord(journal, slide).write(result_of(frame), {"moving": 4})
    assert got.on_slide.cell_numbers == (1, 2) and got.flags == ()
    assert slide.asked == [((160, 220, 3), 2, 0.2)]
    seen = summary(path)  # it was not closed: what is there is committed
    assert (seen.fields, seen.cells, seen.drops) == (1, {"blast": 2}, {"moving": 4})
    assert rows(path, "SELECT island, certain FROM fields") == [(1, 1)]
    assert rows(path, "SELECT picture FROM thumbnails") == [(b"thumbnail",)]


def test_a_result_knows_its_row_in_the_journal(path, journal):
    record = SlideRecord(journal, None)
    got = [record.write(result_of(blob_field(index=index)), {}) for index in range(2)]
    assert [one.journal_id for one in got] == [1, 2]
    assert rows(path, "SELECT id, frame FROM fields") == [(1, 0), (2, 1)]
    assert SlideRecord(None, None).write(result_of(blob_field()), {}).journal_id is None


def test_where_its_place_is_not_proven_a_field_is_flagged(path, journal):
    result = result_of(blob_field(), flags=("low_probability",))
    got = SlideRecord(journal, Map(certain=False)).write(result, {})
    assert got.flags == ("low_probability", POSSIBLE_REPEAT)
    assert POSSIBLE_REPEAT in rows(path, "SELECT flags FROM fields")[0][0]


def test_a_skipped_stop_is_safe_when_it_may_be_shown(path, journal):
    SlideRecord(journal, None).skip(missed())
    assert summary(path).skipped_stops == {"empty": 1}


def test_counts_are_safe_when_they_are_given(path, journal):
    record = SlideRecord(journal, None)
    record.drops({"late": 3})
    assert summary(path).drops == {"late": 3}
    record.drops({"late": 3, "moving": 1})
    assert summary(path).drops == {"late": 3, "moving": 1}


def test_while_no_field_comes_counts_are_committed_now_and_then(path, journal, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    record = SlideRecord(journal, None)
    record.rest({"late": 1})
    assert summary(path).drops == {}
    now[0] += module.REST_S
    record.rest({"late": 2})
    assert summary(path).drops == {"late": 2}
    record.rest({"late": 3})
    assert summary(path).drops == {"late": 2}


def test_events_come_with_the_next_commit(path, journal):
    record = SlideRecord(journal, None)
    record.event(SourceEvent(SourceState.LOST, "the cable", 5))
    record.write(result_of(blob_field()), {})
    assert ("lost", "the cable") in rows(path, "SELECT state, detail FROM events")


@pytest.mark.parametrize("stopped", [False, True])
def test_how_a_run_ended_is_written(path, stopped):
    with open_journal(path, ABOUT) as journal:
        record = SlideRecord(journal, None)
        if stopped:
            record.stop()
        record.close()
    assert summary(path).sessions[0].ending == ("stopped" if stopped else "done")


def test_a_field_that_cannot_be_committed_is_no_field(path, journal, monkeypatch):
    record = SlideRecord(journal, None)
    monkeypatch.setattr(
        "leukoscope.runtime.journal.write.insert_field",
        lambda *what: (_ for _ in ()).throw(sqlite3.OperationalError("database or disk is full")),
    )
    with pytest.raises(InputError, match="the disk is full"):
        record.write(result_of(blob_field()), {"late": 1})
    assert summary(path).fields == 0
    monkeypatch.undo()
    record.write(result_of(blob_field()), {"late": 1})
    assert summary(path).fields == 1 and summary(path).drops == {"late": 1}


def test_a_field_that_could_not_be_read_is_in_the_journal(journal, path):
    record = SlideRecord(journal, None)
    record.note("left out: a.png: cut short")
    record.close()
    with closing(sqlite3.connect(path)) as connection:
        assert "cut short" in str(connection.execute("SELECT * FROM events").fetchall())
