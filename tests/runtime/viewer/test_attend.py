"""A stream with a page that looks on, and pages that misbehave."""

import gc
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from stream_made import (
    Book,
    Fields,
    LiveFields,
    Recorder,
    check_books,
    in_time,
    judged,
    small_frame,
)
from viewer_made import PATIENCE_S, opened

from leukoscope.errors import InputError
from leukoscope.progress import Silent
from leukoscope.runtime.field import Frame
from leukoscope.runtime.intake import Rules
from leukoscope.runtime.session import Session
from leukoscope.runtime.sources.source import SourceState
from leukoscope.runtime.viewer import listening, live_routes
from leukoscope.runtime.viewer.attend import ViewerSink, attended, attended_stream
from leukoscope.runtime.viewer.board import RunState
from leukoscope.runtime.viewer.kept import KEPT


def run(
    viewer, source, *, pipeline=judged, sinks=(), record=None, stopped=lambda: False, rules=None
):
    session = Session(rules or Rules(), record or Book(), None)
    return in_time(
        lambda: attended_stream(viewer, source, pipeline, list(sinks), session, stopped, Silent())
    )


class InBackground:
    """A run on a thread of its own; `end` gives its tally."""

    def __init__(self, viewer, source, **how):
        self._came = []
        self._thread = threading.Thread(target=self._work, args=(viewer, source, how), daemon=True)
        self._thread.start()

    def _work(self, viewer, source, how):
        session = Session(Rules(), how.pop("record", None) or Book(), None)
        pipeline, sinks = how.pop("pipeline", judged), how.pop("sinks", [])
        self._came.append(
            attended_stream(viewer, source, pipeline, sinks, session, lambda: False, Silent())
        )

    def end(self):
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self._came[0]


def wait_until(true):
    until_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def test_without_a_viewer_it_is_the_stream_alone():
    sink = Recorder()
    with attended(None, None, None, None, print) as viewer:
        assert viewer is None
        tally = run(viewer, Fields(5), sinks=[sink])
    assert tally.fields == 5 and sink.fields == [0, 1, 2, 3, 4]


def test_the_page_sees_what_the_run_did(shown):
    sink = Recorder()
    tally = run(shown.viewer, Fields(9, unreadable=[3]), sinks=[sink])
    state = shown.client.state()
    assert state["field"]["number"] == 8 == tally.fields and state["field"]["name"] == "f_8"
    assert state["counts"]["captured"] == 9 and state["counts"]["drops"] == {"unreadable": 1}
    assert state["counts"]["stages"] == dict(tally.stages)
    assert state["source"]["state"] == "ended" and sink.closed
    assert shown.viewer.board.source.state is SourceState.ENDED


def test_the_record_hears_all_that_it_would_without(shown):
    with_one, without = Book(), Book()
    run(shown.viewer, LiveFields(30, late=[4]), record=with_one, rules=Rules(chosen_only=True))
    run(None, LiveFields(30, late=[4]), record=without, rules=Rules(chosen_only=True))
    assert sorted(with_one.counts) and with_one.events == without.events
    assert len(with_one.fields) + sum(with_one.counts.values()) == 30


def test_paused_in_the_page_a_file_waits_and_goes_on(shown):
    source = Fields(200)
    shown.client.post("/control", {"action": "pause"})
    going = InBackground(shown.viewer, source)
    wait_until(lambda: source.given)
    time.sleep(0.2)
    state = shown.client.state()
    assert state["run"]["state"] == "paused" and state["field"] is None
    shown.client.post("/control", {"action": "resume"})
    tally = going.end()
    assert tally.fields == 200 and tally.drops == {}


def test_paused_in_the_page_a_camera_s_frames_are_counted(shown):
    source = LiveFields(20, wait_at=10)
    going = InBackground(shown.viewer, source)
    assert source.reached.wait(PATIENCE_S)
    wait_until(
        lambda: (
            sum(shown.viewer.board.books()[1].values()) + shown.viewer.board.counts().fields == 10
        )
    )
    shown.client.post("/control", {"action": "pause"})
    source.go_on.set()
    tally = going.end()
    check_books(tally, tally.fields)
    assert tally.drops["paused"] > 0 and tally.fields <= 10


def test_ended_in_the_page_what_is_in_hand_is_finished(shown):
    record = Book()
    source = Fields(100_000)
    going = InBackground(shown.viewer, source, record=record)
    wait_until(lambda: shown.viewer.board.counts().fields > 3)
    assert shown.client.post("/control", {"action": "end"}).status == 200
    tally = going.end()
    assert tally.stopped and record.was_stopped and 3 < tally.fields < 100_000
    assert shown.viewer.board.state is RunState.ENDING
    check_books(tally, tally.fields)


def test_ended_while_it_is_paused(shown):
    shown.client.post("/control", {"action": "pause"})
    going = InBackground(shown.viewer, Fields(100))
    shown.client.post("/control", {"action": "end"})
    tally = going.end()
    assert tally.stopped and tally.fields == 0
    check_books(tally, 0)


def test_ctrl_c_is_told_to_the_page(shown):
    source = Fields(5, wait_at=3)
    tally = run(shown.viewer, source, stopped=source.reached.is_set)
    assert tally.stopped and shown.viewer.board.state is RunState.ENDING


def test_a_run_that_fails_is_told_to_a_page_that_looks_on(monkeypatch):
    monkeypatch.setattr(live_routes, "POLL_S", PATIENCE_S)
    came = []
    with pytest.raises(InputError, match="disk full"), opened() as it:

        def look():
            version = 0
            while not came or came[-1]["run"]["state"] != "failed":
                came.append(it.client.state(version))
                version = came[-1]["version"]

        thread = threading.Thread(target=look, daemon=True)
        it.client.state()
        thread.start()
        run(it.viewer, Fields(9), record=Book(fail_at=4))
    thread.join(PATIENCE_S)
    assert not thread.is_alive() and came[-1]["run"]["message"] == "journal: disk full"


def test_a_fault_of_ours_is_named_and_no_more():
    with pytest.raises(ZeroDivisionError), opened() as it:
        board = it.viewer.board
        raise ZeroDivisionError("/home/somebody/secret")
    assert (board.state, board.message) == (RunState.FAILED, "ZeroDivisionError")


def noisy(frame):
    """A result whose picture is large as a file, so that it does not fit into what the system buffers."""
    pixels = np.random.default_rng(frame.index).integers(0, 255, (900, 1200, 3), np.uint8)
    return judged(Frame(pixels, frame.source, frame.name, frame.index))


def ask_and_never_read(client, path):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(PATIENCE_S)
    line.connect(("127.0.0.1", client.port))
    for _ in range(4):  # more answers wait behind the first
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n\r\n".encode()
        )
    return line


def test_browsers_that_do_not_read_hold_neither_the_run_nor_its_results_nor_each_other(shown):
    """Ten of them, each with a picture of half a megabyte under way; results flow, others are served."""
    board = shown.viewer.board
    board.show(noisy(small_frame(0)))
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(ask_and_never_read(shown.client, "/field/1/picture.jpg"))
        size = len(shown.client.get("/field/1/picture.jpg").body)
        assert size > 400_000
        source = Fields(300)
        tally = run(shown.viewer, source)  # in time, or the test fails
        assert tally.fields == 300
        gc.collect()
        held = [index for index in source.alive if index < 300 - KEPT]
        assert held == [], "results are held for browsers that do not read"
        state = shown.client.state()
        assert state["field"]["number"] == 301 and state["counts"]["fields"] == 301
        assert shown.client.get("/field/301/picture.jpg").status == 200
        assert shown.client.get("/field/1/picture.jpg").status == 404


def established(port):
    """The server's connections, as the kernel lists them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def test_a_browser_that_takes_nothing_for_long_is_cut_off(monkeypatch):
    """By the system: it holds a place, and a picture in memory, no longer than that."""
    monkeypatch.setattr(listening, "STUCK_MS", 300)
    with opened() as it:
        it.viewer.board.show(noisy(small_frame(0)))
        with ask_and_never_read(it.client, "/field/1/picture.jpg"):
            wait_until(lambda: established(it.door.port) == 1)
            wait_until(lambda: established(it.door.port) == 0)


def test_the_sink_never_waits_even_where_the_server_does_not_breathe(shown):
    """The loop is stuck for a while: results are put on the board all the same."""
    gate = threading.Event()
    with ViewerSink(shown.viewer.board) as sink:
        stuck = threading.Thread(
            target=shown.client.get, args=("/field/1/picture.jpg",), daemon=True
        )
        sink.write(judged(small_frame(0)))
        original = live_routes.file_answer

        def hang(*given):
            gate.wait(PATIENCE_S)
            return original(*given)

        live_routes.file_answer = hang
        try:
            stuck.start()
            time.sleep(0.1)
            done = threading.Thread(
                target=lambda: [sink.write(judged(small_frame(k))) for k in range(1, 500)],
                daemon=True,
            )
            done.start()
            done.join(PATIENCE_S)
            assert not done.is_alive() and shown.viewer.board.counts().fields == 500
        finally:
            live_routes.file_answer = original
            gate.set()
        stuck.join(PATIENCE_S)
    assert shown.client.state()["counts"]["fields"] == 500
