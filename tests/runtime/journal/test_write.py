import json
import os
import sqlite3
import threading
from dataclasses import replace

import numpy as np
import pytest
from journal_made import about, fill, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.choose.choice import Choice, Quality
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.journal.rows import FIELD_COLUMNS
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.sources.source import SourceEvent, SourceState


def rows(path, statement: str) -> list[tuple]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def test_a_field_is_committed_before_write_returns(path):
    with open_journal(path, about()) as journal:
        for index in range(3):
            assert journal.write(numbered(index)) == index + 1
            # Another connection sees only what is committed.
            assert rows(path, "SELECT count(*) FROM fields") == [(index + 1,)]
            assert rows(path, "SELECT count(*) FROM cells") == [(2 * index + 2,)]


def test_the_database_is_durable_and_keeps_its_keys(path):
    with open_journal(path, about()) as journal:
        ask = journal._transactions.connection.execute
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ask("PRAGMA synchronous").fetchone() == (2,)
        assert ask("PRAGMA foreign_keys").fetchone() == (1,)
    assert rows(path, "PRAGMA user_version") == [(2,)]
    assert rows(path, "PRAGMA application_id") == [(0x4C6B6F4A,)]


def test_a_fields_row_says_all_that_is_known_of_it(path):
    quality = Quality(31.25, 0.9, None, 0.8, 0.4, 0.1)
    result = numbered(3, flags=("low_probability", "possible_repeat"), sure=0.5)
    frame = replace(
        result.frame,
        captured_at_ns=1_000,
        captured_tick_ns=2_000_000,
        media_time_ns=77,
        choice=Choice(None, 4, quality),
        scale=FieldScale(0.08, "red_cells", 92.5),
    )
    with open_journal(path, about()) as journal:
        journal.write(replace(result, frame=frame, finished_tick_ns=14_500_000))
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM fields").fetchone())
        cells = [dict(cell) for cell in connection.execute("SELECT * FROM cells ORDER BY cell")]
    connection.close()
    assert json.loads(row.pop("probabilities"))["Early"] == 0.5
    assert json.loads(row.pop("quality"))["sharpness_share"] == 0.9
    assert row == {
        "id": 1, "session": 1, "scope": 0, "source": "blobs", "name": "blobs_3", "frame": 3,
        "captured_wall_ns": 1_000, "captured_tick_ns": 2_000_000, "media_time_ns": 77,
        "frame_age_ms": 12.5, "width_px": 112, "height_px": 64, "stage": "Early",
        "probability": 0.5, "voter": "trees", "head_stage": "Early",
        "flags": '["low_probability", "possible_repeat"]', "um_per_px": 0.08,
        "scale_source": "red_cells", "red_cell_px": 92.5, "stop": 4, "island": 0,
        "slide_x_px": 121.5, "slide_y_px": -2.0, "slide_px_per_px": 1.0, "certain": 0,
        "joined": "[]",
        "evidence_network": "xincept_all", "evidence_class": "Early",
        "evidence_method": "gradcam", "evidence_on_cells": 0.6,
    }  # fmt: skip
    assert [(cell["slide_number"], cell["new"]) for cell in cells] == [(4, 0), (5, 1)]
    first, seen = result.cells[0], cells[0]
    assert (seen["x_px"], seen["y_px"], seen["width_px"], seen["height_px"]) == first.box_px
    assert seen["type"] == "blast" and seen["probability"] == 0.93
    assert seen["area_um2"] == pytest.approx(first.area_px * 0.08**2)
    assert json.loads(seen["probabilities"]) == dict(first.probabilities)


def test_what_is_undefined_is_null(path):
    result = numbered(0, placed=False)
    cell = replace(result.cells[0], nc_ratio=None, roundness=float("nan"))
    bare = replace(result, cells=(cell,), vote=None, evidence=None, mask=None, readings={})
    with open_journal(path, about()) as journal:
        journal.write(bare)
    assert rows(path, "SELECT nc_ratio, roundness, slide_number, area_um2, new FROM cells") == [
        (None, None, None, None, 1)
    ]
    asked = "SELECT stage, probability, voter, island, evidence_class, quality, um_per_px"
    assert rows(path, f"{asked} FROM fields") == [(None,) * 7]
    assert rows(path, "SELECT count(*) FROM maps") == [(0,)]


def test_a_field_that_is_there_is_not_written_again(filled):
    before = rows(filled, "SELECT * FROM fields")
    with open_journal(filled, about()) as journal:
        assert journal.known("blobs", "blobs_3") and not journal.known("blobs", "blobs_12")
        assert not journal.known("other", "blobs_3")
        assert journal.write(numbered(3, stage="Pro")) == 4
        assert journal.write(numbered(12)) == 13
        assert journal.known("blobs", "blobs_12")
    assert rows(filled, "SELECT * FROM fields LIMIT 12") == before
    assert rows(filled, "SELECT count(*) FROM cells") == [(26,)]


def test_a_cameras_names_are_its_sessions_own(path):
    for _ in range(2):
        fill(path, about(live=True), 3)
    assert rows(path, "SELECT id, session, name FROM fields WHERE name = 'blobs_1'") == [
        (2, 1, "blobs_1"),
        (5, 2, "blobs_1"),
    ]


def test_the_index_itself_refuses_a_second_row(filled):
    with sqlite3.connect(filled) as connection, pytest.raises(sqlite3.IntegrityError):
        columns = ", ".join(FIELD_COLUMNS)
        connection.execute(f"INSERT INTO fields ({columns}) SELECT {columns} FROM fields LIMIT 1")
    connection.close()


def test_counts_are_absolute_and_never_fall(path):
    with open_journal(path, about()) as journal:
        journal.count_drops({"late": 3, "moving": 1})
        journal.count_drops({"late": 3})
        assert rows(path, "SELECT * FROM drops") == []
        journal.write(numbered(0))
        assert rows(path, "SELECT cause, count FROM drops") == [("late", 3), ("moving", 1)]
        journal.count_drops({"late": 2, "moving": 5})
        journal.flush()
        journal.flush()
        assert rows(path, "SELECT cause, count FROM drops") == [("late", 3), ("moving", 5)]
        with pytest.raises(ValueError, match="negative"):
            journal.count_drops({"late": -1})


def test_events_keep_their_own_moment(path, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 10_000)
    monkeypatch.setattr("time.monotonic_ns", lambda: 700)
    with open_journal(path, about()) as journal:
        journal.note(SourceEvent(SourceState.LOST, "no frame for 3 s", 400))
        journal.note("a line")
        journal.flush()
    assert rows(path, "SELECT at_wall_ns, at_tick_ns, state, detail FROM events") == [
        (9_700, 400, "lost", "no frame for 3 s"),
        (10_000, 700, None, "a line"),
    ]


def test_a_stop_without_a_field_is_one_row(path):
    frame = numbered(5).frame
    skipped = replace(
        frame, choice=Choice("out_of_focus", 2, Quality(1.0, 0.1, 0.0, 0.8, 0.3, 0.0))
    )
    with open_journal(path, about()) as journal:
        for _ in range(2):
            journal.skip_stop(skipped)
        with pytest.raises(ValueError, match="not skipped"):
            journal.skip_stop(frame)
    with open_journal(path, about()) as journal:
        journal.skip_stop(skipped)
    assert rows(path, "SELECT session, frame, stop, cause FROM skipped_stops") == [
        (1, 5, 2, "out_of_focus")
    ]


def test_notes_come_from_any_thread_while_fields_are_written(path):
    with open_journal(path, about()) as journal:
        ready = threading.Barrier(3)

        def note(name: str) -> None:
            ready.wait()
            for count in range(50):
                journal.note(f"{name} {count}")
                journal.count_drops({name: count + 1})
                journal.known("blobs", "blobs_1")

        threads = [threading.Thread(target=note, args=(name,)) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        ready.wait()
        for index in range(5):
            journal.write(numbered(index))
        for thread in threads:
            thread.join()
    assert rows(path, "SELECT count(*), count(DISTINCT detail) FROM events") == [(100, 100)]
    assert rows(path, "SELECT cause, count FROM drops") == [("a", 50), ("b", 50)]


@pytest.mark.parametrize(
    ("error", "said"), [(InputError("the camera is gone"), "the camera"), (KeyboardInterrupt(), "")]
)
def test_a_run_that_fails_has_stopped_and_says_why(path, error, said):
    with pytest.raises(type(error)), open_journal(path, about()) as journal:
        journal.write(numbered(0))
        raise error
    assert rows(path, "SELECT ending FROM sessions") == [("stopped",)]
    detail = rows(path, "SELECT detail FROM events")[0][0]
    assert said in detail and detail


def test_the_caller_may_say_how_it_ended(path):
    with open_journal(path, about()) as journal:
        journal.close("stopped")
        journal.close()
    assert rows(path, "SELECT ending FROM sessions") == [("stopped",)]


def test_a_session_tells_what_ran(path):
    fill(path, about(live=True, source="rtsp://camera/1", settings={"b": [1], "a": path}), 1)
    row = rows(path, "SELECT source, live, bundle_sha256, settings, device, ending FROM sessions")
    assert row == [
        (
            "rtsp://camera/1",
            1,
            "ab" * 32,
            json.dumps({"a": str(path), "b": [1]}),
            "onnxruntime-cpu fp32, a test",
            "done",
        )
    ]
    assert rows(path, "SELECT slide FROM journal") == [("S-17/3",)]


def test_no_credentials_are_stored_wherever_they_stand(path):
    camera = "rtsp://nurse:secret@10.0.0.7/live?token=secret"
    settings = {"source": camera, "more": [{"a": camera}], "place": path, "count": 3}
    with open_journal(path, about(source=camera, settings=settings)):
        pass
    assert rows(path, "SELECT source FROM sessions") == [("rtsp://***@10.0.0.7/live?***",)]
    kept = json.loads(rows(path, "SELECT settings FROM sessions")[0][0])
    assert kept["source"] == kept["more"][0]["a"] == "rtsp://***@10.0.0.7/live?***"
    assert kept["place"] == str(path) and kept["count"] == 3
    assert b"secret" not in path.read_bytes()


def test_names_that_are_no_utf8_are_kept_as_escapes(path):
    result = numbered(0)
    odd = os.fsdecode(b"smear\xff.png")
    frame = replace(result.frame, source=odd)
    with open_journal(path, about(source=odd)) as journal:
        journal.write(replace(result, frame=frame))
        assert journal.known(odd, frame.name)
    assert rows(path, "SELECT source FROM fields") == [("smear\\udcff.png",)]


def test_numbers_of_numpy_are_stored_as_numbers(path):
    result = numbered(0)
    place = replace(
        result.on_slide,
        island=np.int64(2),
        position_px=(np.float32(1.5), np.float64(2)),
        cell_numbers=(np.int64(1), np.int64(2)),
        new=(np.bool_(True), np.bool_(False)),
        certain=np.bool_(True),
    )
    with open_journal(path, about()) as journal:
        journal.write(replace(result, on_slide=place))
    assert rows(path, "SELECT island, slide_x_px, certain FROM fields") == [(2, 1.5, 1)]
    assert rows(path, "SELECT slide_number, new FROM cells") == [(1, 1), (2, 0)]
