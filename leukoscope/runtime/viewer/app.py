"""The web application: routes, refusals, and access around them."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.viewer.access import Access, Key
from leukoscope.runtime.viewer.answers import Refused, refusal
from leukoscope.runtime.viewer.control_routes import ControlRoutes
from leukoscope.runtime.viewer.file_routes import FileRoutes
from leukoscope.runtime.viewer.hosts import Hosts
from leukoscope.runtime.viewer.live_routes import LiveRoutes
from leukoscope.runtime.viewer.review_routes import ReviewRoutes
from leukoscope.runtime.viewer.words import Words

WORDS = {404: "server_unknown", 405: "server_method"}


@dataclass(frozen=True)
class Routes:
    """The parts of the application."""

    live: LiveRoutes
    control: ControlRoutes
    review: ReviewRoutes
    files: FileRoutes


def make_app(
    parts: Routes, key: Key, hosts: Hosts, words: Words, tell: Callable[[str], None]
) -> ASGIApp:
    """`tell` hears of faults of ours, in a line each. Access is outermost: what it refuses nothing else sees."""
    faults = _Faults(words, tell)
    app = Starlette(
        routes=[
            *parts.live.routes,
            *parts.control.routes,
            *parts.review.routes,
            *parts.files.routes,
        ],
        exception_handlers={
            Refused: faults.refused,
            HTTPException: faults.by_status,
            LeukoscopeError: faults.in_a_line,
            Exception: faults.unforeseen,
        },
    )
    return Access(app, key=key, hosts=hosts, words=words)


class _Faults:
    """What becomes of errors: one line, never a stack trace. Coroutines, for starlette would give each a thread."""

    def __init__(self, words: Words, tell: Callable[[str], None]) -> None:
        self._words, self._tell = words, tell
        self._told: set[str] = set()

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refusal(request.scope, error.status, self._words(error.word, **error.values))

    async def by_status(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        word = WORDS.get(error.status_code)
        sentence = error.detail if word is None else self._words(word)
        return refusal(request.scope, error.status_code, sentence)

    async def in_a_line(self, request: Request, error: Exception) -> Response:
        return refusal(request.scope, 409, str(error))

    async def unforeseen(self, request: Request, error: Exception) -> Response:
        """Told on the terminal once for each kind."""
        text = f"viewer: {request.url.path}: {type(error).__name__}: {error}"
        kind = f"{request.scope.get('route')}{type(error).__name__}"
        if kind not in self._told:
            self._told.add(kind)
            self._tell(text)
        return refusal(request.scope, 500, self._words("server_fault"))
