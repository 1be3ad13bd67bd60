"""A viewer on a free port for tests, and a browser of a few lines."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from types import SimpleNamespace

from leukoscope.runtime.viewer.address import Address
from leukoscope.runtime.viewer.board import RunAbout
from leukoscope.runtime.viewer.door import Door
from leukoscope.runtime.viewer.listening import bind
from leukoscope.runtime.viewer.opening import open_viewer

PATIENCE_S = 20
ABOUT = RunAbout("S-1", "smears", live=False, journal=False)


class Client:
    """One request a connection; it holds the token."""

    def __init__(self, door, tls=None):
        self.port, self.token, self._tls = door.port, door.token, tls
        self.cookie = f"leukoscope_{door.port}={door.token}"
        self.origin = f"http://127.0.0.1:{door.port}"

    def ask(self, method, path, body=None, *, cookie=None, **headers):
        """The answer with `status`, `headers`, `body`, `text`, `json()`."""
        kind = HTTPConnection if self._tls is None else HTTPSConnection
        how = {} if self._tls is None else {"context": self._tls}
        with closing(kind("127.0.0.1", self.port, timeout=PATIENCE_S, **how)) as line:
            given = {"Cookie": self.cookie if cookie is None else cookie}
            given |= {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body, {k: v for k, v in given.items() if v})
            answer = line.getresponse()
            data = answer.read()
        return SimpleNamespace(
            status=answer.status,
            headers=answer.headers,
            body=data,
            text=data.decode("utf-8", "replace"),
            json=lambda: json.loads(data),
        )

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, value, **headers):
        given = {"Content_Type": "application/json", **headers}
        body = value if isinstance(value, bytes) else json.dumps(value)
        return self.ask("POST", path, body, **given)

    def state(self, after=None):
        return self.get("/state" if after is None else f"/state?after={after}").json()

    def socket(self):
        """A bare connection."""
        return closing(socket.create_connection(("127.0.0.1", self.port), PATIENCE_S))


@contextmanager
def opened(
    *, about=ABOUT, map_trees=None, journal=None, tls=None, warn=None, address=None, client_tls=None
) -> Iterator[SimpleNamespace]:
    """`viewer`, `client`, `door`, and `warned`: what the terminal was told."""
    warned = []
    where = address or Address("127.0.0.1", 0)
    with closing(bind(where)) as listening:
        door = Door(where, listening, tls)
        with open_viewer(
            door, about, map_trees=map_trees, journal=journal, warn=warn or warned.append
        ) as viewer:
            yield SimpleNamespace(
                viewer=viewer, client=Client(door, client_tls), door=door, warned=warned
            )
