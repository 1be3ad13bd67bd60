"""What the page asks while fields come: the state, and pictures of the newest fields."""

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Evidence, TreeMaps
from leukoscope.runtime.pause import Pause
from leukoscope.runtime.tree_map import MapTrees
from leukoscope.runtime.viewer.answers import Refused, file_answer, json_answer
from leukoscope.runtime.viewer.board import Board
from leukoscope.runtime.viewer.kept import TREES, KeptField
from leukoscope.runtime.viewer.made_once import MadeOnce
from leukoscope.runtime.viewer.pictures import evidence_for, heat_png, mask_png, picture_jpeg
from leukoscope.runtime.viewer.queries import path_number, query_number
from leukoscope.runtime.viewer.state_json import state_json

POLL_S = 1.0
"""An answer comes after this even without news: counts of frames change all the time."""

WATCHED_S = 5.0
"""A page asks every POLL_S; one that has not for so long is gone (our choice)."""


class LiveRoutes:
    """Reads the board; a picture is encoded when somebody asks for it, once."""

    def __init__(self, board: Board, pause: Pause, map_trees: MapTrees | None) -> None:
        self._board, self._pause, self._map_trees = board, pause, map_trees
        self.made = MadeOnce()
        self._asked_s = -float("inf")
        self.routes: list[BaseRoute] = [
            Route("/state", self.state),
            Route("/field/{number}/picture.jpg", self.picture),
            Route("/field/{number}/mask.png", self.mask),
            Route("/field/{number}/heat/{method}/{class_name}.png", self.heat),
        ]

    @property
    def is_watched(self) -> bool:
        """Whether somebody has asked for the state just now; any thread may look."""
        return time.monotonic() - self._asked_s < WATCHED_S

    async def state(self, request: Request) -> Response:
        """A long poll: as soon as the version is greater than `after`, else after POLL_S."""
        self._asked_s = time.monotonic()
        after = query_number(request, "after", -1)
        if after <= self._board.news.version:  # else it is that of an earlier run
            await self._board.news.after(after, POLL_S)
        return json_answer(state_json(self._board, self._pause, self._map_trees))

    async def picture(self, request: Request) -> Response:
        """The field."""
        kept = self._field(request)
        data = await self.made.get(kept.number, "picture", lambda: picture_jpeg(kept.result))
        return file_answer(data, "image/jpeg")

    async def mask(self, request: Request) -> Response:
        """Its mask."""
        kept = self._field(request)
        mask = kept.result.mask
        if mask is None:
            raise Refused(404, "server_unknown")
        data = await self.made.get(kept.number, "mask", lambda: mask_png(mask))
        return file_answer(data, "image/png")

    async def heat(self, request: Request) -> Response:
        """A map of one class."""
        kept = self._field(request)
        method, name = request.path_params["method"], request.path_params["class_name"]
        network = kept.map_network
        known = name in kept.classes and method in kept.methods(self._map_trees)
        if network is None or not known:
            raise Refused(404, "server_unknown")
        trees = await self._trees(kept) if method == TREES else None

        def draw() -> tuple[bytes, dict[str, str]]:
            evidence = evidence_for(kept.result, network, name, trees)
            return heat_png(evidence), _sums(evidence)

        data, sums = await self.made.get(kept.number, ("heat", method, name), draw)
        return file_answer(data, "image/png", sums)

    async def _trees(self, kept: KeptField) -> TreeMaps:
        """Those that the run made, or made now from what the networks gave."""
        evidence, map_trees = kept.result.evidence, self._map_trees
        if evidence is not None and evidence.trees is not None:
            return evidence.trees
        if map_trees is None:
            raise Refused(404, "server_unknown")
        reading = kept.result.readings[FIELD_NETWORK]
        return await self.made.get(kept.number, "trees", lambda: map_trees(reading))

    def _field(self, request: Request) -> KeptField:
        self.made.keep(self._board.kept)
        number = path_number(request, "number")
        kept = self._board.field(number)
        if kept is None:
            raise Refused(404, "server_gone", number=number)
        return kept


def _sums(evidence: Evidence) -> dict[str, str]:
    """Of the trees' map: the share that has no place, and the margin that it adds up to."""
    if evidence.even_share is None:
        return {}
    return {"X-Even-Share": f"{evidence.even_share:.4f}", "X-Sum": f"{evidence.grid.sum():.4f}"}
