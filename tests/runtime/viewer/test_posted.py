import json
import socket
import threading

import pytest
from viewer_made import PATIENCE_S

from leukoscope.runtime.viewer import posted as module
from leukoscope.runtime.viewer.posted import MOST_BYTES

PAUSE = {"action": "pause"}


def test_a_small_object_is_read(shown):
    assert shown.client.post("/control", PAUSE).status == 200 and shown.viewer.pause.on
    kind = "Application/JSON; charset=utf-8"
    assert shown.client.post("/control", {"action": "resume"}, Content_Type=kind).status == 200


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json"],
)
def test_another_type_is_refused(shown, kind):
    """What a form of a foreign page could send."""
    assert shown.client.post("/control", PAUSE, Content_Type=kind).status == 400
    assert not shown.viewer.pause.on


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"pause"', b"null", b"\xff\xfe", b"{}x", b"[" * 4000, b'{"action":' * 300,
     b'{"action": NaN, }', b"\0" * 50],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_object_is_refused(shown, body):
    got = shown.client.post("/control", body)
    assert got.status == 400 and set(got.json()) == {"error"} and shown.warned == []


def test_the_limit_is_the_limit(shown):
    body = json.dumps(PAUSE).encode()
    assert shown.client.post("/control", body + b" " * (MOST_BYTES - len(body))).status == 200
    assert shown.client.post("/control", body + b" " * (MOST_BYTES + 1 - len(body))).status == 400
    assert shown.client.post("/control", b" " * 5_000_000).status == 400


def head(client, *lines):
    rest = "".join(f"{line}\r\n" for line in lines)
    return (
        f"POST /control HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n"
        f"Content-Type: application/json\r\n{rest}\r\n"
    ).encode()


def test_a_body_without_a_length_ends_at_the_limit_too(shown, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 10 * PATIENCE_S)
    with shown.client.socket() as line:
        line.sendall(head(shown.client, "Transfer-Encoding: chunked"))
        stop = threading.Event()

        def pour():
            try:
                while not stop.is_set():
                    line.sendall(b"400\r\n" + b" " * 1024 + b"\r\n")
            except OSError:
                pass

        thread = threading.Thread(target=pour, daemon=True)
        thread.start()
        assert line.recv(100).startswith(b"HTTP/1.1 400")
        stop.set()
        line.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_S)


def test_a_body_that_never_comes_is_not_waited_for(shown, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    with shown.client.socket() as line:
        line.sendall(head(shown.client, "Content-Length: 100") + b"{")
        assert line.recv(100).startswith(b"HTTP/1.1 400")
