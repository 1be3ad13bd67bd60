import sqlite3
import threading
from dataclasses import replace

import pytest
from journal_made import DIGEST, about, fill, numbered

from leukoscope import __version__
from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.runtime.choose.choice import Choice
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.summary import StageCount
from leukoscope.runtime.journal.write import open_journal


def summary_of(path):
    with read_journal(path) as reader:
        return reader.summary()


def test_a_summary_counts_each_cell_once(path):
    with open_journal(path, about()) as journal:
        for index in range(5):
            journal.write(numbered(index))
        journal.write(numbered(5, stage="Pro", flags=("low_probability",)))
        journal.write(numbered(6, stage="Pro", flags=("a", "b")))
        journal.write(numbered(7, stage="Pro"))
        journal.write(replace(numbered(8), vote=None))
    summary = summary_of(path)
    assert summary.slide == "S-17/3" and summary.fields == 9
    assert summary.stages == {"Early": StageCount(5, 0), "Pro": StageCount(1, 2)}
    # Each field shows two, of which the neighbour before showed one.
    assert summary.cells == {"blast": 10} and summary.cells_seen == 18
    assert not summary.crashed


def test_cells_that_turn_out_to_be_one_are_counted_once(path):
    """Two islands meet: of 1 2 | 11 12 | 12 13 the numbers 11 and 12 are the cells 1 and 2."""
    with open_journal(path, about()) as journal:
        for index, numbers, same in (
            (0, (1, 2), ()),
            (1, (11, 12), ()),
            (2, (12, 13), ((11, 1), (12, 2))),
        ):
            place = replace(
                numbered(index).on_slide,
                cell_numbers=numbers,
                new=(index < 2, True),
                joined=(1,) if same else (),
                same_cells=same,
            )
            journal.write(replace(numbered(index), on_slide=place))
        last = list(journal.resume())[-1].on_slide
        assert last == place and last.same_cells == ((11, 1), (12, 2)) and last.joined == (1,)
        # Said again, for instance after a restart, it is the same.
        journal.write(
            replace(numbered(3), on_slide=replace(place, cell_numbers=(1, 2), new=(False,) * 2))
        )
    assert summary_of(path).cells == {"blast": 3}


def test_cells_without_a_map_are_counted_as_often_as_they_are_seen(path):
    fill(path, about(), 3, placed=False)
    assert summary_of(path).cells == {"blast": 6}


def test_an_empty_journal_has_a_summary(path):
    with open_journal(path, about()):
        summary = summary_of(path)
    assert (summary.fields, summary.stages, summary.cells, summary.drops) == (0, {}, {}, {})
    assert summary.sessions[0].ending == "running" and summary.sessions[0].seconds is None


def test_a_session_is_told_as_it_was_opened(path):
    fill(path, about(live=True), 2)
    session = summary_of(path).sessions[0]
    said = about(live=True)
    assert (session.id, session.fields, session.live, session.ending) == (1, 2, True, "done")
    assert session.settings == said.settings and session.device == said.device
    assert (session.stages, session.cell_types) == (STAGES, CELL_TYPES)
    assert (session.bundle_sha256, session.version) == (DIGEST, __version__)


def test_a_reader_sees_each_commit_and_keeps_nobody_waiting(path):
    with open_journal(path, about()) as journal, read_journal(path) as reader:
        for index in range(4):
            journal.write(numbered(index), b"thumb")
            assert reader.summary().fields == index + 1
            assert reader.thumbnail(index + 1) == b"thumb"
            journal.count_drops({"late": index})
            assert reader.summary().drops.get("late", 0) == max(0, index - 1)
        # With a reader at hand the log is moved into the file all the same.
        journal.close()
        assert reader.summary().fields == 4
        log = path.with_name(path.name + "-wal")
        assert not log.exists() or log.stat().st_size == 0


def test_each_answer_is_of_one_state_however_much_is_written(path):
    with open_journal(path, about()) as journal, read_journal(path) as reader:
        writer = threading.Thread(target=lambda: [journal.write(numbered(i)) for i in range(60)])
        writer.start()
        seen = [0]
        while writer.is_alive():
            summary = reader.summary()
            assert summary.cells_seen == 2 * summary.fields
            # The first field's two, and a new one of each other.
            assert sum(summary.cells.values()) == summary.fields + (summary.fields > 0)
            seen.append(summary.fields)
        writer.join()
        assert seen == sorted(seen) and reader.summary().fields == 60


def test_a_reader_cannot_write(filled):
    with read_journal(filled) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM fields")


@pytest.mark.parametrize(
    ("live", "drops"),
    # A second run through a file meets the frames of the first again; a camera's are others.
    [(False, {"late": 4, "moving": 7}), (True, {"late": 6, "moving": 12})],
)
def test_drops_of_several_sessions(path, live, drops):
    for late, moving in ((2, 5), (4, 7)):
        with open_journal(path, about(live=live)) as journal:
            journal.count_drops({"late": late, "moving": moving})
    assert summary_of(path).drops == drops


def test_fields_of_an_earlier_session_are_no_drops(path):
    fill(path, about(), 3)
    with open_journal(path, about()) as journal:
        journal.count_drops({"known": 3, "moving": 2})
        journal.write(numbered(3))
    summary = summary_of(path)
    assert summary.drops == {"moving": 2} and summary.fields == 4
    # The session's own account is whole: six captured.
    last = summary.sessions[1]
    assert (last.drops, last.fields) == ({"known": 3, "moving": 2}, 1)


def test_files_drops_are_each_files_own(path):
    for source in ("a.mp4", "b.mp4"):
        with open_journal(path, about(source=source)) as journal:
            journal.count_drops({"moving": 5})
    assert summary_of(path).drops == {"moving": 10}


def test_skipped_stops_are_counted_by_cause(path):
    with open_journal(path, about()) as journal:
        for index, cause in enumerate(("empty", "too_thick", "empty")):
            frame = replace(numbered(index).frame, choice=Choice(cause, index, None))
            journal.skip_stop(frame)
    assert summary_of(path).skipped_stops == {"empty": 2, "too_thick": 1}


def test_what_is_not_there_is_none(filled):
    with read_journal(filled) as reader:
        assert (
            reader.maps(99) is None and reader.picture(0) is None and reader.thumbnail(99) is None
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sessions SET settings = '{'",
        "UPDATE sessions SET stages = 3",
        "DELETE FROM journal",
        "UPDATE sessions SET began_wall_ns = 'x'",
        "UPDATE drops SET count = 9223372036854775807",
    ],
)
def test_rows_of_another_make_are_refused(filled, change):
    with sqlite3.connect(filled) as connection:
        connection.execute("INSERT INTO drops VALUES (1, 'late', 1), (1, 'x', 1)")
        connection.execute(
            "INSERT INTO sessions SELECT 2, 'other', 1, bundle_sha256, settings, device, version, stages, cell_types, models, boot, began_wall_ns, began_tick_ns, ended_wall_ns, ended_tick_ns, ending FROM sessions"
        )
        connection.execute("INSERT INTO drops VALUES (2, 'late', 1)")
        connection.execute(change)
    connection.close()
    with read_journal(filled) as reader, pytest.raises(InputError, match="is damaged"):
        reader.summary()
