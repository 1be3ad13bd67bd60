"""What the page does to the run: pause, resume, end, snapshot, close."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leukoscope.runtime.viewer.answers import Refused, file_answer, json_answer
from leukoscope.runtime.viewer.board import Board
from leukoscope.runtime.viewer.control import Control
from leukoscope.runtime.viewer.made_once import MadeOnce
from leukoscope.runtime.viewer.posted import posted_object
from leukoscope.runtime.viewer.snapshots import Snapshots


class ControlRoutes:
    """`made` draws snapshots, so that one field has one however often the button is pressed."""

    def __init__(
        self, board: Board, control: Control, snapshots: Snapshots, made: MadeOnce
    ) -> None:
        self._board, self._control = board, control
        self._snapshots, self._made = snapshots, made
        self._while_running: Mapping[str, Callable[[], None]] = {
            "pause": control.pause,
            "resume": control.resume,
            "end": control.end,
        }
        self.routes: list[BaseRoute] = [
            Route("/control", self.act, methods=["POST"]),
            Route("/snapshot/{name}", self.snapshot),
        ]

    async def act(self, request: Request) -> Response:
        """Does what is asked, or says why not."""
        action = (await posted_object(request)).get("action")
        if action == "snapshot":
            return json_answer({"ok": True, **await self._take()})
        if action == "close":
            return self._close()
        act = self._while_running.get(action) if isinstance(action, str) else None
        if act is None:
            raise Refused(400, "server_bad_action", action=str(action)[:40])
        if self._control.is_over:
            raise Refused(409, "server_over")
        act()
        return json_answer({"ok": True})

    def snapshot(self, request: Request) -> Response:
        """A snapshot of this run."""
        path = self._snapshots.named(request.path_params["name"])
        if path is None or not path.is_file():
            raise Refused(404, "server_unknown")
        return file_answer(path.read_bytes(), "image/png")

    async def _take(self) -> dict[str, Any]:
        kept = self._board.newest
        if kept is None:
            raise Refused(409, "server_no_field")

        def take() -> dict[str, Any]:
            path = self._snapshots.take(kept.result)
            self._control.note(f"snapshot {path.name} of {kept.result.frame.name}")
            return {"path": str(path), "url": f"/snapshot/{quote(path.name)}"}

        return await self._made.get(kept.number, "snapshot", take)

    def _close(self) -> Response:
        if not self._control.is_over:
            raise Refused(409, "server_running")
        self._control.close()
        return json_answer({"ok": True})
