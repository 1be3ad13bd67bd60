"""A viewer's server that says what a test wants: any state, answers that come late, break off, or are refused.

The real one cannot lose its camera, be slow or die at a test's word. It gives the page's own files and the real headers,
so that what the policy forbids fails here too.
"""

import copy
import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from fake_review import counts, group_of, review_cell, review_field
from fake_run import FIELD, STATE, mask_png, picture, png

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.runtime.viewer.access import HEADERS
from leukoscope.runtime.viewer.file_routes import MEDIA_TYPES
from leukoscope.runtime.viewer.words import PAGE

POLL_S = 0.2


class FakeViewer:
    """A context manager; `url` is where it stands."""

    def __init__(self):
        self.state = copy.deepcopy(STATE)
        self.posted = []
        self.asked = []
        self.delays_s = {}
        """By the start of a path: how long its answers take."""
        self.broken = {}
        """By the start of a path: the status it answers with; 0 closes the line."""
        self.replaced = {}
        """By path: other bytes than the file's."""
        self.heat = np.tile(np.linspace(0, 255, 320).astype(np.uint8), (240, 1))
        self.cells = [review_cell(k) for k in range(70)]
        self.fields = [review_field(k) for k in range(1, 31)]
        self._pictures = {"picture.jpg": picture(), "mask.png": mask_png()}
        self._changed = threading.Condition()

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def change(self, **parts):
        """Parts of the state by name, merged into what is there; `field=None` takes the field away."""
        with self._changed:
            for name, part in parts.items():
                old = self.state[name]
                merged = isinstance(old, dict) and isinstance(part, dict)
                self.state[name] = {**old, **part} if merged else part
            self.state["version"] += 1
            self._changed.notify_all()

    def next_field(self, **changes):
        self.change(
            field={
                **(self.state["field"] or FIELD),
                "number": self.state["field"]["number"] + 1,
                **changes,
            }
        )

    def answer(self, path, query):
        """Status, bytes, media type, further headers."""
        if path in self.replaced:
            return 200, self.replaced[path], MEDIA_TYPES["." + path.rsplit(".", 1)[1]], {}
        if path == "/state":
            return self._state(int(query.get("after", ["-1"])[0]))
        if path.startswith("/review/"):
            return self._review(path, query)
        if path.startswith(("/field/", "/snapshot/")):
            return self._field_picture(unquote(path))
        file = PAGE / (path.lstrip("/") or "index.html")
        if file.parent != PAGE or not file.is_file():
            return 404, b'{"error": "404"}', "application/json", {}
        return 200, file.read_bytes(), MEDIA_TYPES[file.suffix], {}

    def post(self, path, said):
        self.posted.append((path, said))
        if path == "/review":
            return {"review": self._add(said)}
        if said["action"] == "snapshot":
            return {"ok": True, "path": "/7/7", "url": "/snapshot/7.png"}
        states = {"pause": "paused", "resume": "running", "end": "ended"}
        if said["action"] in states:
            self.change(run={"state": states[said["action"]]})
        return {"ok": True}

    def _state(self, after):
        with self._changed:
            self._changed.wait_for(lambda: self.state["version"] > after, POLL_S)
            return _json(self.state)

    def _field_picture(self, path):
        name = path.rsplit("/", 1)[1]
        if name in self._pictures:
            return (
                200,
                self._pictures[name],
                "image/jpeg" if name.endswith("jpg") else "image/png",
                {},
            )
        sums = {"X-Even-Share": "0.12", "X-Sum": "2.31"} if "/trees/" in path else {}
        return 200, png(self.heat), "image/png", sums

    def _review(self, path, query):
        if path.endswith(".jpg"):
            return 200, self._pictures["picture.jpg"], "image/jpeg", {}
        if path == "/review/summary":
            return _json(self._summary())
        items, name = (self.cells, "type") if path.endswith("/cells") else (self.fields, "stage")
        found = [item for item in items if group_of(item) == query[name][0]]
        after, limit = int(query.get("after", ["0"])[0]), 60 if name == "type" else 24
        page = found[after : after + limit]
        return _json(
            {"items": page, "more": str(after + limit) if len(found) > after + limit else None}
        )

    def _summary(self):
        groups = {}
        for kind, items in (("cells", self.cells), ("fields", self.fields)):
            names = [group_of(item) for item in items]
            groups[kind] = {name: names.count(name) for name in names}
        said = [item["review"] for item in (*self.cells, *self.fields) if item["review"]]
        return {
            "notice": "research use only", "stages": list(STAGES), "types": list(CELL_TYPES), "unclassified": "unclassified",
            "before": counts(self.cells, self.fields, "type", "stage"),
            "after": counts(self.cells, self.fields, "new_type", "new_stage"),
            "reviewers": sorted({one["reviewer"] for one in said}), "reviews": len(said), "groups": groups,
        }  # fmt: skip

    def _add(self, said):
        items = self.fields if said["cell"] is None else self.cells
        item = next(
            one for one in items if (one["field"], one.get("cell")) == (said["field"], said["cell"])
        )
        own = "stage" if said["cell"] is None else "type"
        item["review"] = (
            None
            if said["verdict"] == "withdraw"
            else {**said, "id": len(self.posted), "at_wall_ns": 1}
        )
        given = {"reject": None, "accept": item[own], "withdraw": item[own]}
        item[f"new_{own}"] = given.get(said["verdict"], said["value"])
        return {**said, "id": len(self.posted), "at_wall_ns": 1}

    def _handler(fake):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                parts = urlsplit(self.path)
                fake.asked.append(parts.path)
                self._give(lambda: fake.answer(parts.path, parse_qs(parts.query)))

            def do_POST(self):
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._give(lambda: _json(fake.post(self.path, said)))

            def _give(self, answer):
                time.sleep(
                    sum(s for start, s in fake.delays_s.items() if self.path.startswith(start))
                )
                broken = [
                    status for start, status in fake.broken.items() if self.path.startswith(start)
                ]
                if 0 in broken:
                    self.close_connection = True
                    return
                status, data, kind, more = (
                    (broken[0], b'{"error": "7"}', "application/json", {}) if broken else answer()
                )
                self.send_response(status)
                for name, value in {
                    **HEADERS,
                    **more,
                    "Content-Type": kind,
                    "Content-Length": str(len(data)),
                }.items():
                    self.send_header(name, value)
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler


def _json(value):
    return 200, json.dumps(value).encode(), "application/json", {}
