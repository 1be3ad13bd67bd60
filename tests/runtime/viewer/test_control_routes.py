import threading
import time

import cv2
import pytest
from stand_ins import blob_field, result_of
from viewer_made import PATIENCE_S, opened

from leukoscope.runtime.sinks.picture import draw_picture
from leukoscope.runtime.viewer.board import RunState


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def noted(shown):
    """Lines that went into the journal."""
    lines = []
    shown.viewer.control.write = lines.append
    return lines


def act(it, action):
    return it.client.post("/control", {"action": action})


def test_pause_and_resume_once_each_are_told_and_noted(shown, noted):
    for action in ("pause", "pause", "resume", "resume"):
        version = shown.viewer.board.news.version
        assert act(shown, action).json() == {"ok": True}
        assert shown.viewer.pause.on == (action == "pause")
        assert shown.client.state()["version"] >= version
    assert noted == ["paused by the operator", "resumed by the operator"]
    assert shown.viewer.board.news.version == 2


def test_the_end_is_ctrl_c_once(shown, noted):
    assert not shown.viewer.control.is_ended
    assert act(shown, "end").status == 200 and act(shown, "end").status == 200
    assert shown.viewer.control.is_ended and shown.viewer.board.state is RunState.ENDING
    assert noted == ["ended in the viewer"]


def test_after_the_end_there_is_nothing_to_pause(shown, noted):
    shown.viewer.board.move_to(RunState.ENDED)
    for action in ("pause", "resume", "end"):
        got = act(shown, action)
        assert got.status == 409 and got.json()["error"]
    assert not shown.viewer.pause.on and noted == []


def test_it_is_closed_only_after_the_end(shown):
    assert act(shown, "close").status == 409
    said = []
    waiting = threading.Thread(
        target=shown.viewer.stay, args=(lambda: False, said.append), daemon=True
    )
    waiting.start()
    while not said:  # who is told how to close can do so
        time.sleep(0.005)
    assert act(shown, "close").json() == {"ok": True}
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()


@pytest.mark.parametrize("action", ["", "stop", None, 1, ["pause"], {"a": 1}, "pause " * 100, True])
def test_another_action_is_refused(shown, action):
    got = act(shown, action)
    assert got.status == 400 and len(got.text) < 300 and shown.warned == []


def test_a_get_does_nothing(shown):
    assert shown.client.get("/control").status == 404
    assert shown.client.ask("PUT", "/control", "{}").status == 405
    assert shown.client.get("/control?action=end").status == 404
    assert not shown.viewer.control.is_ended


def test_a_snapshot_is_the_overlay_of_the_newest_field(shown, noted, tmp_path):
    assert act(shown, "snapshot").status == 409  # there is no field
    result = result_of(blob_field())
    shown.viewer.board.show(result)
    got = act(shown, "snapshot").json()
    assert got["ok"] and got["path"] == "leukoscope-snapshots/blobs_0.png"
    kept = (tmp_path / got["path"]).read_bytes()
    assert (cv2.imread(got["path"])[:, :, ::-1] == draw_picture(result)).all()
    answer = shown.client.get(got["url"])
    assert answer.body == kept and answer.headers["Content-Type"] == "image/png"
    assert noted == ["snapshot blobs_0.png of blobs_0"]
    assert act(shown, "snapshot").json() == got and len(noted) == 1  # the same field once


def test_after_the_end_a_snapshot_is_taken_and_there_is_no_journal_to_note_it(shown, noted):
    shown.viewer.board.show(result_of(blob_field()))
    shown.viewer.board.move_to(RunState.ENDED)
    assert act(shown, "snapshot").status == 200 and noted == []


def test_beside_the_journal_where_there_is_one(tmp_path):
    with opened(journal=tmp_path / "s.db") as it:
        it.viewer.board.show(result_of(blob_field()))
        assert act(it, "snapshot").json()["path"] == str(tmp_path / "s.db.snapshots/blobs_0.png")


def test_where_it_cannot_be_written_one_line_says_so(shown, tmp_path):
    (tmp_path / "leukoscope-snapshots").write_text("in the way")
    shown.viewer.board.show(result_of(blob_field()))
    got = act(shown, "snapshot")
    assert got.status == 409 and "leukoscope-snapshots cannot be written" in got.json()["error"]


@pytest.mark.parametrize(
    "name",
    ["../s.db", "..%2fs.db", "%2e%2e%2fs.db", "..", ".", "", "s.db", "/etc/passwd", "%00", "a%0d%0ab",
     "....//s.db", "..%5cs.db", "blobs_0.png%00.txt", "x" * 5000],
)  # fmt: skip
def test_no_other_file_is_given_out_by_a_name(shown, tmp_path, name):
    (tmp_path / "s.db").write_text("secret")
    (tmp_path / "leukoscope-snapshots").mkdir()
    (tmp_path / "leukoscope-snapshots" / "s.db").write_text("secret")
    shown.viewer.board.show(result_of(blob_field()))
    act(shown, "snapshot")
    got = shown.client.get(f"/snapshot/{name}")
    assert got.status == 404 and "secret" not in got.text
