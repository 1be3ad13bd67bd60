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

import cv2
import numpy as np

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.viewer.access import HEADERS
from leukoscope.runtime.viewer.file_routes import MEDIA_TYPES
from leukoscope.runtime.viewer.words import PAGE

SIZE = (640, 480)
POLL_S = 0.2
DISCS = ((160, 120, 40), (420, 300, 45))
"""Cells of every field: x, y, radius; the nucleus has half the radius."""
CELLS = [
    {"box_px": [x - r, y - r, 2 * r, 2 * r], "type": kind, "probability": 0.91, "new": k == 0}
    for k, ((x, y, r), kind) in enumerate(
        zip(DISCS, ("blast", "immature granulocyte"), strict=True)
    )
]
FIELD = {
    "number": 1, "id": 1, "name": "slide_1", "size_px": list(SIZE), "frame_age_ms": 93.1, "since_ms": 120,
    "stage": "Early", "probability": 0.9, "probabilities": {"Benign": 0.05, "Early": 0.9, "Pre": 0.03, "Pro": 0.02},
    "voter": "trees", "head_stage": "Early", "flags": [], "explained": "Early", "method": "gradcam",
    "methods": ["gradcam", "trees"], "classes": list(STAGES), "map_network": "xincept_all", "mask": True, "cells": CELLS,
}  # fmt: skip
STATE = {
    "schema": 1, "version": 1, "notice": "research use only",
    "run": {"state": "running", "slide": "7", "source": "v4l2:///dev/video0", "live": True, "journal": True,
            "message": None, "reviewable": True},
    "source": {"state": "live", "detail": "1", "since_ms": 1000},
    "field": FIELD,
    "counts": {"fields": 7, "captured": 300, "stages": {"Early": 6, "Pro": 1}, "cells": {"blast": 30, "lymphocyte": 11},
               "white_cells": 41, "heading": "41 / 100", "flags": {}, "drops": {"moving": 250, "out_of_focus": 43}},
    "age": {"median_ms": 60.1, "p95_ms": 1280.2, "n": 50},
}  # fmt: skip


def _png(grey):
    return cv2.imencode(".png", grey)[1].tobytes()


def _picture():
    rgb = paint_field("Early", 3, size_px=SIZE).image
    return cv2.imencode(".jpg", rgb[:, :, ::-1])[1].tobytes()


def _mask():
    mask = np.zeros(SIZE[::-1], np.uint8)
    for x, y, radius in DISCS:
        cv2.circle(mask, (x, y), radius, 128, -1)
        cv2.circle(mask, (x, y), radius // 2, 255, -1)
    return _png(mask)


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
        self._pictures = {"picture.jpg": _picture(), "mask.png": _mask()}
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
            return {"ok": True, "path": "/7/7.png", "url": "/snapshot/7.png"}
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
        return 200, _png(self.heat), "image/png", sums

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


def review_cell(k):
    kind = ("blast", "blast", "lymphocyte", "other")[k % 4] if k < 8 else "blast"
    return {"field": 1 + k // 5, "cell": k % 5, "type": kind, "probability": 0.93, "probabilities": {}, "new_type": kind,
            "review": None}  # fmt: skip


def review_field(number):
    flags = ["low_probability"] if number == 3 else []
    return {"field": number, "name": "7", "stage": "Early", "probability": 0.9, "probabilities": {}, "flags": flags,
            "new_stage": None if flags else "Early", "review": None, "cells": 5, "large": number == 1}  # fmt: skip


def group_of(item):
    own = "stage" if "new_stage" in item else "type"
    if item["review"] is not None and item["review"]["verdict"] == "reject":
        return "rejected"
    return item[f"new_{own}"] or "flagged"


def counts(cells, fields, kind, stage):
    def by(items, name):
        values = [item[name] for item in items if item[name] not in (None, "other")]
        return {value: values.count(value) for value in values}

    after = kind == "new_type"
    gone = (
        [group_of(item) == "rejected" for item in (*cells, *fields)]
        if after
        else [False] * (len(cells) + len(fields))
    )
    flagged = [f for f in fields if f["flags"] and (f["review"] is None or not after)]
    stages = by([f for f in fields if f not in flagged], stage)
    return {"stages": stages, "flagged": len(flagged), "rejected": sum(gone[len(cells):]), "cells": by(cells, kind),
            "nucleated_others": sum(c[kind] == "other" for c in cells), "rejected_cells": sum(gone[: len(cells)])}  # fmt: skip
