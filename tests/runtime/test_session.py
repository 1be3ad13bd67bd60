import json
import os
import pty
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from stand_ins import cell_engine, result_of, stand_in_pipeline
from stream_made import Fields, LiveFields, Recorder, check_books, in_time, judged

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.choose.profile import open_profile
from leukoscope.runtime.field import Cell
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.session import default_frames, is_one_slide, open_session
from leukoscope.runtime.sources.slide import open_slide
from leukoscope.runtime.sources.uri import open_source
from leukoscope.runtime.stream import stream
from leukoscope.runtime.wishes import Wishes

PIPELINE = stand_in_pipeline({})
SLIDE = "synthetic://slide?stops=4&size=200x160&seed=1&rate=12"


@pytest.fixture(autouse=True)
def configuration(tmp_path, monkeypatch):
    """Profiles of microscopes go to a folder of the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def run(bundle, source, wishes, *, text="smears", pipeline=judged, sinks=(), warn=None, **how):
    with open_session(
        bundle, PIPELINE, source, text, wishes, {"threads": 1}, warn or (lambda line: None)
    ) as session:
        return in_time(
            lambda: stream(
                source,
                pipeline,
                list(sinks),
                rules=session.rules,
                record=session.record,
                target=session.target,
                **how,
            )
        )


def moving(count, **how):
    """Fields of a film, of which one follows another."""
    source = Fields(count, **how)
    source.rate_hz = 12.0
    return source


def summary(path):
    with read_journal(path) as reader:
        return reader.summary()


def names(path):
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM fields ORDER BY id")]


# --- what is asked where nothing is said ---------------------------------------------------------------


def test_of_files_every_frame_is_a_field_and_of_a_stage_one_a_stop():
    assert default_frames(Fields(1)) == "all"
    assert default_frames(LiveFields(1)) == default_frames(open_slide(SLIDE)) == "latest"


def test_fields_lie_on_one_slide_where_something_says_so():
    folder, film = Fields(1), Fields(1)
    film.rate_hz = 25.0
    assert not is_one_slide(folder, "all", "")
    assert is_one_slide(folder, "all", "S-1") and is_one_slide(folder, "latest", "")
    assert is_one_slide(film, "all", "")


# --- the journal --------------------------------------------------------------------------------------


def test_a_run_says_of_itself_what_it_was(toy_bundle, tmp_path):
    path = tmp_path / "slide.db"
    pipeline = stand_in_pipeline({"sg_cldff": cell_engine()})
    wishes = Wishes(slide="S-1", journal=path)
    with open_session(toy_bundle, pipeline, Fields(2), "smears", wishes, {"threads": 3}) as session:
        in_time(lambda: stream(Fields(2), judged, [], rules=session.rules, record=session.record))
    seen = summary(path)
    (one,) = seen.sessions
    assert seen.slide == "S-1" and seen.fields == one.fields == 2 and one.ending == "done"
    assert one.source == "smears" and one.settings == {"threads": 3} and not one.live
    assert one.device.startswith("sg_cldff fp32 on stand-in; ")
    assert one.stages == toy_bundle.manifest.networks["xincept_all"].classes
    assert one.cell_types == toy_bundle.manifest.networks["sg_cldff"].classes


def test_without_a_journal_nothing_is_kept(toy_bundle, tmp_path):
    sink = Recorder()
    check_books(run(toy_bundle, Fields(3), Wishes(), sinks=[sink]), 3)
    assert sink.fields == [0, 1, 2] and not list(tmp_path.glob("*.db"))


def test_ctrl_c_is_an_ending_of_its_own(toy_bundle, tmp_path):
    path, source = tmp_path / "slide.db", Fields(50)
    tally = run(toy_bundle, source, Wishes(journal=path), stopped=lambda: source.given > 3)
    assert tally.stopped and summary(path).sessions[0].ending == "stopped"
    assert summary(path).fields == tally.fields and summary(path).drops == tally.drops


def test_an_error_ends_the_session_with_its_line_and_what_was_written_stays(toy_bundle, tmp_path):
    path = tmp_path / "slide.db"
    with pytest.raises(InputError, match="the file is gone"):
        run(toy_bundle, Fields(9, fail_at=4), Wishes(journal=path))
    assert summary(path).fields == 4 and summary(path).sessions[0].ending == "stopped"
    with closing(sqlite3.connect(path)) as connection:
        last = connection.execute("SELECT detail FROM events ORDER BY id DESC").fetchone()
    assert "the file is gone" in last[0]


@pytest.fixture
def smears(tmp_path):
    """Ten overlapping pictures of one strip with round cells: each shows the next one's left half."""
    rng = np.random.default_rng(5)
    strip = cv2.resize(rng.integers(120, 255, (20, 180, 3), np.uint8), (1440, 160))
    folder = tmp_path / "smears"
    folder.mkdir()
    for k in range(10):
        cv2.imwrite(str(folder / f"f_{k}.png"), strip[:, 110 * k : 110 * k + 220])
    return folder


def two_cells(frame):
    """A cell in the left half and its like in the right one: on the slide they are one cell a step."""
    cells = [
        Cell((x, 60, 30, 30), {"blast": 0.9, "lymphocyte": 0.1}, 700, 0.5, 0.9) for x in (40, 150)
    ]
    return judged(frame, cells)


def test_a_journal_is_gone_on_with(toy_bundle, smears, tmp_path):
    """Half of the folder, then all of it: nothing twice, and the map of the slide is where it was."""
    once, twice = tmp_path / "once.db", tmp_path / "twice.db"
    text = str(smears)
    whole = run(toy_bundle, open_source(text), Wishes(slide="S", journal=once), pipeline=two_cells)
    assert whole.white_cells == 11, "ten steps, and the last field's other cell"
    for path in sorted(smears.iterdir())[5:]:
        path.rename(path.with_suffix(".later"))
    wishes = Wishes(slide="S", journal=twice)
    first = run(toy_bundle, open_source(text), wishes, pipeline=two_cells)
    assert first.fields == 5 and first.white_cells == 6
    for path in smears.glob("*.later"):
        path.rename(path.with_suffix(".png"))
    second = run(toy_bundle, open_source(text), wishes, pipeline=two_cells)
    assert second.drops == {"known": 5}
    check_books(second, 5)
    assert second.white_cells == 5, "the cell that the first half had counted is not new"
    assert names(twice) == names(once) and summary(twice).cells == summary(once).cells
    assert summary(twice).drops == {} and len(summary(twice).sessions) == 2
    third = run(toy_bundle, open_source(text), wishes, pipeline=two_cells)
    assert third.fields == 0 and third.drops == {"known": 10}


def test_a_target_counts_what_the_journal_holds(toy_bundle, smears, tmp_path):
    text, path = str(smears), tmp_path / "slide.db"

    def count(cells, **more):
        wishes = Wishes(slide="S", journal=path, count=cells)
        return run(toy_bundle, open_source(text), wishes, pipeline=two_cells, **more)

    first = count(4)
    assert first.white_cells == 4 == sum(summary(path).cells.values())
    second = count(7)
    assert second.white_cells == 3 and summary(path).cells == {"blast": 7}
    assert second.drops["known"] == first.fields
    with pytest.raises(InputError, match="already holds 7 white cells") as raised:
        count(7)
    assert "\n" not in str(raised.value) and summary(path).fields == first.fields + second.fields


def test_a_run_that_was_killed_is_gone_on_with(toy_bundle, smears, tmp_path):
    after, path = 3, tmp_path / "slide.db"
    program = Path(__file__).with_name("killed_run.py")
    child = subprocess.run(
        [sys.executable, program, toy_bundle.root, smears, path, str(after)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == -9, child.stderr
    shown = child.stdout.split()
    assert shown == [f"f_{k}" for k in range(after)]
    kept = names(path)
    assert kept[:after] == shown, "nothing that was shown is lost"
    sink = Recorder()
    wishes = Wishes(slide="S-7", journal=path)
    tally = run(toy_bundle, open_source(str(smears)), wishes, pipeline=result_of, sinks=[sink])
    assert tally.drops == {"known": len(kept)} and sink.fields == list(range(len(kept), 10))
    check_books(tally, 10 - len(kept))
    assert names(path) == [f"f_{k}" for k in range(10)]
    assert [session.ending for session in summary(path).sessions] == ["crashed", "done"]


def test_of_a_recorded_slide_a_stop_whose_field_is_known_gets_no_other(toy_bundle, tmp_path):
    """The chooser must see what is known, or it would take the next frame of the same stop."""
    once, twice = tmp_path / "once.db", tmp_path / "twice.db"
    run(toy_bundle, open_slide(SLIDE), Wishes(journal=once))
    wishes, sink = Wishes(journal=twice), Recorder()
    run(
        toy_bundle,
        open_slide(SLIDE),
        wishes,
        sinks=[sink],
        stopped=lambda: len(sink.fields) >= 2,
    )
    done = names(twice)
    again = run(toy_bundle, open_slide(SLIDE), wishes)
    assert again.drops["known"] == len(done) and again.captured == open_slide(SLIDE).total
    assert names(twice) == names(once) and len(names(once)) == 4
    assert summary(twice).skipped_stops == summary(once).skipped_stops
    assert summary(twice).drops == summary(once).drops


def test_two_days_at_one_camera_are_two_sessions_of_their_own(toy_bundle, tmp_path):
    path = tmp_path / "slide.db"
    wishes = Wishes(frames="all", journal=path)
    counts = [run(toy_bundle, LiveFields(6), wishes).fields for _ in range(2)]
    seen = summary(path)
    assert [one.fields for one in seen.sessions] == counts and "known" not in seen.drops
    assert all(one.live for one in seen.sessions)
    assert seen.fields + sum(seen.drops.values()) == 12


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"slide": "another"}, "is of slide 'S'"),
        ({"journal": "folder"}, "is a folder"),
    ],
)
def test_a_journal_that_does_not_fit_is_refused_before_the_first_frame(
    toy_bundle, tmp_path, wishes, said
):
    path, source = tmp_path / "slide.db", Fields(5)
    run(toy_bundle, Fields(2), Wishes(slide="S", journal=path))
    (tmp_path / "folder").mkdir()
    asked = {"slide": "S", "journal": path, **wishes}
    asked["journal"] = tmp_path / asked["journal"]
    with pytest.raises(InputError, match=said) as raised:
        run(toy_bundle, source, Wishes(**asked))
    assert "\n" not in str(raised.value) and source.given == 0
    assert summary(path).fields == 2


def test_pictures_of_the_journal_are_as_many_as_were_allowed(toy_bundle, tmp_path):
    for limit, kept in ((0, False), (5, True)):
        path = tmp_path / f"{limit}.db"
        wishes = Wishes(journal=path, keep_pictures_mb=limit)
        run(toy_bundle, Fields(3), wishes, pipeline=judged)
        with closing(sqlite3.connect(path)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM pictures").fetchone()
        assert bool(count) is kept


# --- what is asked of frames --------------------------------------------------------------------------


def test_the_given_scale_reaches_every_field(toy_bundle):
    scales = []

    def pipeline(frame):
        scales.append(frame.scale)
        return judged(frame)

    run(toy_bundle, Fields(3), Wishes(um_per_px=0.25), pipeline=pipeline)
    assert scales == [FieldScale(0.25, "given", None)] * 3


def test_the_microscope_is_known_the_next_time(toy_bundle):
    run(toy_bundle, open_slide(SLIDE), Wishes(microscope="left"))
    best = open_profile("left").best_sharpness((200, 160))
    assert best is not None and best > 0


def test_a_microscope_without_a_proper_name_is_refused(toy_bundle, tmp_path):
    with pytest.raises(UsageError, match="no name for a microscope"):
        run(toy_bundle, Fields(1), Wishes(microscope="../x", journal=tmp_path / "x.db"))
    assert not (tmp_path / "x.db").exists()


def test_the_key_is_only_listened_to_where_it_is_asked_for(toy_bundle, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    for frames in (None, "all", "latest"):
        run(toy_bundle, moving(1), Wishes(frames=frames))
    with pytest.raises(UsageError, match="no key to listen to") as raised:
        run(toy_bundle, moving(1), Wishes(frames="trigger"))
    assert "\n" not in str(raised.value)


def test_on_a_terminal_the_key_is_listened_to_and_the_terminal_given_back(toy_bundle, monkeypatch):
    import termios

    master, slave = pty.openpty()
    try:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(fileno=lambda: slave))
        before = termios.tcgetattr(slave)
        with pytest.raises(InputError):
            run(toy_bundle, moving(5, fail_at=2), Wishes(frames="trigger"))
        assert termios.tcgetattr(slave) == before
        tally = run(toy_bundle, moving(5), Wishes(frames="trigger"))
        assert tally.drops == {"not_triggered": 5} and termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


def test_what_the_settings_say_is_kept_without_a_password(toy_bundle, tmp_path):
    path = tmp_path / "slide.db"
    secret = "rtsp://nurse:hunter2@10.0.0.9/live?token=hunter3"
    wishes = Wishes(journal=path)
    with open_session(
        toy_bundle, PIPELINE, Fields(1), secret, wishes, {"source": secret, "more": [secret]}
    ) as session:
        in_time(lambda: stream(Fields(1), judged, [], rules=session.rules, record=session.record))
    for file in tmp_path.glob("slide.db*"):
        assert b"hunter" not in file.read_bytes() and b"nurse" not in file.read_bytes()
    assert "***@10.0.0.9" in json.dumps(summary(path).sessions[0].settings)


@pytest.mark.parametrize("frames", ["latest", "trigger"])
def test_nothing_is_chosen_among_single_pictures(toy_bundle, frames):
    source = Fields(3)
    with pytest.raises(UsageError, match="single pictures") as raised:
        run(toy_bundle, source, Wishes(frames=frames))
    assert "\n" not in str(raised.value) and source.given == 0


def test_a_key_whose_input_has_ended_is_said_once(toy_bundle, monkeypatch):
    reader, writer = os.pipe()
    os.close(writer)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(fileno=lambda: reader))
    told = []

    class Patient(Fields):
        def frames(self, on_fault, on_event=None):
            for frame in super().frames(on_fault):
                time.sleep(0.05)
                yield frame

    source = Patient(6)
    source.rate_hz = 12.0
    run(toy_bundle, source, Wishes(frames="trigger"), warn=told.append)
    os.close(reader)
    assert len(told) == 1 and "input has ended" in told[0]


def test_a_profile_that_cannot_be_kept_loses_no_result(toy_bundle, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc")
    told = []
    tally = run(toy_bundle, Fields(2), Wishes(microscope="left"), warn=told.append)
    assert tally.fields == 2 and len(told) == 1 and "not kept" in told[0]


def test_a_watched_folder_is_gone_on_with_where_it_was_left(toy_bundle, tmp_path):
    """What was saved while nobody watched is judged by the next run with the same journal."""
    folder, path = tmp_path / "saved", tmp_path / "slide.db"
    folder.mkdir()
    text = f"watch://{folder}?settle=0&interval=0.05"

    def watched(pictures):
        for name in pictures:
            cv2.imwrite(str(folder / name), np.full((40, 50, 3), 200, np.uint8))
        source = open_source(text)
        seen = []

        class Ends:
            __enter__, __exit__ = (lambda self: self), (lambda self, *error: None)

            def write(self, result):
                seen.append(result.frame.source)
                source.stop()

        ended = threading.Timer(5, source.stop)
        ended.start()
        if not pictures:
            cv2.imwrite(str(folder / "first.png"), np.full((40, 50, 3), 180, np.uint8))
        run(toy_bundle, source, Wishes(journal=path), text=text, sinks=[Ends()])
        ended.cancel()
        return [Path(name).name for name in seen]

    assert watched([]) == ["first.png"]
    assert watched(["second.png"]) == ["second.png"]
