"""The server against clients that mean no good, over real connections."""

import select
import socket
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from stand_ins import blob_field, result_of
from viewer_made import PATIENCE_S, opened

from leukoscope.runtime.viewer import patience
from leukoscope.runtime.viewer import server as module
from leukoscope.runtime.viewer.listening import ROOM
from leukoscope.runtime.viewer.server import CONNECTIONS, HEAD_BYTES, Server


def closed_by_peer(line):
    """Whether the other side has ended the connection, waited for."""
    try:
        while line.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_its_threads_end_with_it():
    before = set(threading.enumerate())
    with opened() as it:
        port = it.door.port
        it.viewer.board.show(result_of(blob_field()))
        it.client.get("/field/1/picture.jpg")
        assert set(threading.enumerate()) != before
    until_s = time.monotonic() + PATIENCE_S
    while {one for one in threading.enumerate() if one.name.startswith("viewer")} - before:
        assert time.monotonic() < until_s
        time.sleep(0.01)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()


def test_more_connections_than_there_is_room_for(shown):
    with ExitStack() as stack:
        lines = [stack.enter_context(shown.client.socket()) for _ in range(CONNECTIONS + 20)]
        for line in lines:
            line.sendall(b"GET /state HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # a head without its end
        until_s = time.monotonic() + PATIENCE_S
        while shown.client.get("/state").status != 503:
            assert time.monotonic() < until_s
        shown.viewer.board.show(result_of(blob_field()))  # the run does not notice
    until_s = time.monotonic() + PATIENCE_S
    while shown.client.get("/state").status != 200:
        assert time.monotonic() < until_s


def test_a_flood_takes_no_more_descriptors_than_there_is_room_for(monkeypatch):
    """Others are shut out at once, and let in again when there is room."""
    monkeypatch.setattr(patience, "REQUEST_S", 10 * PATIENCE_S)
    with opened() as it:
        before = descriptors()
        with ExitStack() as stack:
            lines = [stack.enter_context(it.client.socket()) for _ in range(3 * ROOM)]
            wait_until(lambda: sum(is_closed(line) for line in lines) >= 2 * ROOM)
            assert descriptors() <= before + len(lines) + ROOM
        wait_until(lambda: answers(it.client) == 200)


def wait_until(true):
    until_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def is_closed(line):
    """Whether the other side has ended it; nothing was sent, so there is nothing to read but its end."""
    return bool(select.select([line], [], [], 0)[0])


def answers(client):
    try:
        return client.get("/state").status
    except OSError:
        return None


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_who_sends_no_whole_request_is_cut_off(monkeypatch, sent):
    monkeypatch.setattr(patience, "REQUEST_S", 0.2)
    with opened() as it, it.client.socket() as line:
        line.sendall(sent)
        assert closed_by_peer(line)


def test_who_trickles_a_head_is_cut_off(monkeypatch):
    monkeypatch.setattr(patience, "REQUEST_S", 0.2)
    with opened() as it, it.client.socket() as line, pytest.raises(OSError):
        for _ in range(2000):
            line.sendall(b"x")
            time.sleep(0.01)


def test_a_long_poll_is_no_idle_connection(monkeypatch):
    from leukoscope.runtime.viewer import live_routes

    monkeypatch.setattr(patience, "REQUEST_S", 0.1)
    monkeypatch.setattr(live_routes, "POLL_S", 0.7)
    with opened() as it:
        assert it.client.state(0)["version"] == 0


def test_a_head_without_end_is_refused(shown):
    with shown.client.socket() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * (4 * HEAD_BYTES))
        assert line.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "sent",
    [b"\0" * 200, b"\r\n\r\n", b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00" * 40,
     b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", b"GET http://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n",
     b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n",
     b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET /%ff%00%0d HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"],
)  # fmt: skip
def test_rubbish_is_refused_and_disturbs_nobody(shown, sent, capfd):
    with shown.client.socket() as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(100)
        assert answer[:11] not in (b"HTTP/1.1 20", b"HTTP/1.1 30") and b"Traceback" not in answer
    assert shown.client.get("/state").status == 200
    assert capfd.readouterr().err == "" and shown.warned == []


def test_a_websocket_is_not_spoken(shown):
    got = shown.client.get(
        "/state", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
    )  # fmt: skip
    assert got.status == 200 and got.json()["schema"] == 1


def test_a_server_that_dies_is_told_and_the_run_goes_on(monkeypatch):
    told = []
    with closing(socket.socket()) as listening:
        server = Server(lambda scope, receive, send: None, listening, None, told.append)

        async def serve(sockets):
            server._server.started = True
            raise OSError("no loop")

        monkeypatch.setattr(server._server, "serve", serve)
        server.start()
        server.stop()
    assert told == ["the viewer has ended: OSError: no loop"]


def test_one_that_does_not_start_is_an_error(monkeypatch):
    from leukoscope.errors import MachineError

    monkeypatch.setattr(module, "START_S", 0.05)
    with closing(socket.socket()) as listening:
        server = Server(lambda scope, receive, send: None, listening, None, lambda text: None)

        async def serve(sockets):
            return None

        monkeypatch.setattr(server._server, "serve", serve)
        with pytest.raises(MachineError, match="did not start"):
            server.start()
        server.stop()
