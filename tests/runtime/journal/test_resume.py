import sqlite3

from journal_made import about, fill, numbered

from leukoscope.runtime.journal.resume import PAGE
from leukoscope.runtime.journal.write import open_journal


def test_placed_fields_come_back_as_they_were_in_order(path):
    fill(path, about(), 3)
    with open_journal(path, about()) as journal:
        journal.write(numbered(3, placed=False))
        journal.write(numbered(4, flags=("possible_repeat",)))
        placed = list(journal.resume())
    assert [(one.field, one.session, one.name) for one in placed] == [
        (1, 1, "blobs_0"), (2, 1, "blobs_1"), (3, 1, "blobs_2"), (5, 2, "blobs_4"),
    ]  # fmt: skip
    for one in placed:
        result = numbered(one.frame, flags=("possible_repeat",) if one.flagged else ())
        assert one.on_slide == result.on_slide
        assert one.boxes_px == tuple(cell.box_px for cell in result.cells)
        assert one.areas_px == tuple(cell.area_px for cell in result.cells)
        assert one.types == ("blast", "blast") and one.size_px == result.frame.size_px
        assert one.source == "blobs"
    assert [one.thumbnail for one in placed] == [b"thumb0", b"thumb1", b"thumb2", None]
    assert [one.flagged for one in placed] == [False, False, False, True]


def test_all_pages_come_and_what_is_written_meanwhile_does_not(path):
    many = 2 * PAGE + 3
    fill(path, about(), many)
    with open_journal(path, about()) as journal:
        seen = []
        for one in journal.resume():
            seen.append(one.field)
            if one.field in (1, PAGE + 1):
                journal.write(numbered(many + one.field))
    assert seen == list(range(1, many + 1))


def test_a_new_journal_has_nothing_to_resume(path):
    with open_journal(path, about()) as journal:
        assert list(journal.resume()) == []


def test_a_field_without_cells_has_a_place_too(path):
    from dataclasses import replace

    empty = numbered(0)
    place = replace(empty.on_slide, cell_numbers=(), new=())
    with open_journal(path, about()) as journal:
        journal.write(replace(empty, cells=(), on_slide=place))
        assert [one.boxes_px for one in journal.resume()] == [()]


def test_the_log_of_a_crash_is_resumed(path, tmp_path):
    """A copy of the three files in the middle of a run is what a crash leaves."""
    with open_journal(path, about()) as journal:
        for index in range(5):
            journal.write(numbered(index))
        crashed = tmp_path / "crashed.db"
        for ending in ("", "-wal"):
            left = path.with_name(path.name + ending).read_bytes()
            crashed.with_name(crashed.name + ending).write_bytes(left)
    with sqlite3.connect(f"file:{crashed}?immutable=1", uri=True) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.close()
    assert tables == (0,)  # all of it is in the log
    with open_journal(crashed, about()) as journal:
        assert [one.frame for one in journal.resume()] == [0, 1, 2, 3, 4]
        assert journal.write(numbered(5)) == 6
