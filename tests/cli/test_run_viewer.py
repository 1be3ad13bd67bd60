"""`run --viewer` as an operator starts it: a program of its own, and a browser of a few lines."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
sys.path.insert(0, str(Path(__file__).parent.parent / "runtime" / "viewer"))
from pem import write_pair
from toy_bundle import write_toy_bundle
from viewer_made import Client

from leukoscope.runtime.journal.read import read_journal

PATIENCE_S = 120
SLIDE = "synthetic://slide?stops=3&size=200x160&seed=1&rate=12"
LONG = "synthetic://slide?stops=200&size=200x160&seed=1&rate=12&live=yes"
ADDRESS = re.compile(r"viewer: (https?)://([^/]+):(\d+)/\?token=(\S+)")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_toy_bundle(tmp_path_factory.mktemp("cli") / "bundle").root)


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


class Program:
    """A run that is under way."""

    def __init__(self, *words):
        self.errors = Path("stderr.txt")
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "leukoscope.cli.main", "run", "--threads", "1", *map(str, words)],
                stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        found = self.until(lambda: ADDRESS.search(self.said))
        door = SimpleNamespace(port=int(found[3]), token=found[4])
        self.client, self.token = Client(door), found[4]

    @property
    def said(self):
        return self.errors.read_text()

    def until(self, true):
        until_s = time.monotonic() + PATIENCE_S
        while not (found := true()):
            assert time.monotonic() < until_s, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        return found

    def until_state(self, state):
        return self.until(lambda: self.client.state()["run"]["state"] == state)

    def press_ctrl_c(self):
        self.process.send_signal(signal.SIGINT)

    def end(self):
        """Exit code and stdout."""
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out


@contextmanager
def program(*words):
    started = Program(*words)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.communicate()


def leukoscope(*words):
    return subprocess.run(
        [sys.executable, "-m", "leukoscope.cli.main", "run", *map(str, words)],
        capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip


def act(run, action):
    got = run.client.post("/control", {"action": action})
    assert got.status == 200, got.text
    return got.json()


def test_a_slide_is_watched_paused_ended_reviewed_and_closed(bundle, tmp_path):
    with program(bundle, LONG, "--viewer", "--journal", "s.db", "--slide", "S-1", "--json") as run:
        run.until(lambda: run.client.state()["counts"]["fields"] >= 2)
        act(run, "pause")
        run.until(lambda: run.client.state()["counts"]["drops"].get("paused", 0) > 3)
        state = run.client.state()
        assert state["run"]["state"] == "paused" and state["run"]["reviewable"]
        assert state["source"]["state"] == "live"
        act(run, "resume")
        fields = state["counts"]["fields"]
        run.until(lambda: run.client.state()["counts"]["fields"] > fields + 1)
        assert Path(act(run, "snapshot")["path"]).parent == Path("s.db.snapshots")
        act(run, "end")
        run.until_state("ended")
        run.until(lambda: "press Ctrl-C here" in run.said)
        cell = run.client.get("/review/cells?type=unclassified").json()["items"]
        review = {"reviewer": "AB", "field": 1, "cell": None, "verdict": "reject", "value": None}
        assert run.client.post("/review", review).status == 200 and cell is not None
        act(run, "close")
        code, out = run.end()
    said = json.loads(out)
    assert code == 0 and said["stopped"] and said["drops"]["paused"] > 3
    assert said["captured"] == said["fields"] + sum(said["drops"].values())
    with read_journal(tmp_path / "s.db") as reader:
        summary = reader.summary()
        assert summary.sessions[0].ending == "stopped" and summary.drops == said["drops"]
        assert [one.reviewer for one in reader.reviews()] == ["AB"]
        lines = [event.detail for event in reader.events() if event.state is None]
    assert lines[:2] == ["paused by the operator", "resumed by the operator"]
    assert lines[2].startswith("snapshot slide_") and lines[3] == "ended in the viewer"


def test_the_token_is_on_the_terminal_and_nowhere_else(bundle, tmp_path):
    with program(bundle, SLIDE, "--viewer", "--journal", "s.db", "--jsonl", "r.jsonl") as run:
        run.until_state("ended")
        act(run, "snapshot")
        act(run, "close")
        code, out = run.end()
    token = run.token.encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "stderr.txt"]
    assert {"s.db", "r.jsonl", "r.jsonl.settings.json"} <= {path.name for path in files}
    assert code == 0 and run.said.count(run.token) == 1 and run.token not in out
    assert not [path for path in files if token in path.read_bytes()]


def test_without_a_journal_there_is_no_review_and_the_page_stays_all_the_same(bundle):
    with program(bundle, SLIDE, "--viewer", "--json") as run:
        run.until_state("ended")
        run.until(lambda: "the page stays" in run.said)
        state = run.client.state()
        assert not state["run"]["reviewable"] and state["counts"]["fields"] == 3
        assert run.client.get("/field/3/picture.jpg").status == 200
        act(run, "close")
        assert run.end()[0] == 0


def test_ctrl_c_ends_the_stream_and_then_the_page(bundle):
    with program(bundle, LONG, "--viewer", "--journal", "s.db") as run:
        run.until(lambda: run.client.state()["counts"]["fields"] >= 1)
        run.press_ctrl_c()
        run.until(lambda: "press Ctrl-C here" in run.said)
        assert run.client.state()["run"]["state"] == "ended" and "s.db" in run.said
        run.press_ctrl_c()
        assert run.end()[0] == 0
    assert "Traceback" not in run.said


def test_a_run_that_fails_tells_the_page_and_exits_as_ever(bundle):
    with program(bundle, LONG, "--viewer", "--jsonl", "/dev/full") as run:
        run.until(lambda: failed(run))
        code, _ = run.end()
    assert code == 1 and run.said.splitlines()[-1].startswith(
        "leukoscope: /dev/full cannot be written"
    )
    assert "Traceback" not in run.said


def failed(run):
    got = run.client.state()["run"]
    return got["state"] == "failed" and got["message"].startswith("/dev/full cannot be written")


def test_over_tls(bundle, tmp_path):
    import ssl

    cert, key = write_pair(tmp_path)
    how = ("--listen", "0.0.0.0", "--tls-cert", cert, "--tls-key", key)
    with program(bundle, SLIDE, "--viewer", *how) as run:
        assert ADDRESS.search(run.said)[1] == "https"
        door = SimpleNamespace(port=run.client.port, token=run.token)
        run.client = Client(door, ssl.create_default_context(cafile=str(cert)))
        run.until_state("ended")
        act(run, "close")
        assert run.end()[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--listen", "127.0.0.1"), "--listen without --viewer; add --viewer"),
        (("--insecure",), "--insecure without --viewer"),
        (("--viewer", "--listen", "0.0.0.0"), "add --tls-cert FILE --tls-key FILE, or --insecure"),
        (("--viewer", "--listen", "a b"), "--listen 'a b'; wanted HOST or HOST:PORT"),
        (("--viewer", "--tls-cert", "x.pem"), "--tls-cert without --tls-key"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_one_line(bundle, words, said):
    got = leukoscope(bundle, SLIDE, "--journal", "s.db", *words)
    assert got.returncode == 2 and said in got.stderr and len(got.stderr.splitlines()) == 1
    assert not Path("s.db").exists()


def test_a_port_that_is_taken_is_one_line_and_no_journal(bundle):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        got = leukoscope(bundle, SLIDE, "--journal", "s.db", "--viewer", "--listen", where)
    assert got.returncode == 1 and "is taken" in got.stderr and len(got.stderr.splitlines()) == 1
    assert not Path("s.db").exists()


def test_a_certificate_that_is_none_is_one_line(bundle, tmp_path):
    (tmp_path / "x.pem").write_text("nothing")
    got = leukoscope(bundle, SLIDE, "--viewer", "--tls-cert", "x.pem", "--tls-key", "x.pem")
    assert got.returncode == 1 and "openssl req" in got.stderr and len(got.stderr.splitlines()) == 1


def stuck(client, path):
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", client.port))
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n\r\n"
    line.sendall(ask.encode() * 4)
    return line


@pytest.mark.heavy
def test_browsers_that_do_not_read_change_nothing_in_what_a_run_finds(ready_bundle):
    """The shipped networks on a painted slide: the same fields, stages and cells with thirty such browsers as without."""
    slide = "synthetic://slide?stage=early&stops=12&seed=4"
    alone = leukoscope(ready_bundle, slide, "--frames", "latest", "--journal", "alone.db", "--json")
    with program(
        ready_bundle, slide, "--frames", "latest", "--journal", "s.db", "--json", "--viewer"
    ) as run:
        lines = []
        try:
            while run.client.state()["run"]["state"] != "ended":
                field = run.client.state()["field"]
                if field is not None and len(lines) < 30:
                    lines.append(
                        stuck(run.client, f"/field/{field['number']}/heat/trees/Early.png")
                    )
                    lines.append(stuck(run.client, f"/field/{field['number']}/picture.jpg"))
            assert len(lines) >= 20 and run.client.state()["counts"]["fields"] == 12
            act(run, "close")
            code, out = run.end()
        finally:
            for line in lines:
                line.close()
    found, wanted = json.loads(out), json.loads(alone.stdout)
    assert code == alone.returncode == 0
    for name in ("fields", "stages", "cells", "flags", "captured", "drops", "unreadable"):
        assert found[name] == wanted[name], name
