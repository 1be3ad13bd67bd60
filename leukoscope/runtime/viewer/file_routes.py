"""The files of the page, and nothing else of the disk."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leukoscope.runtime.viewer.answers import Refused
from leukoscope.runtime.viewer.words import PAGE

INDEX = "index.html"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}


class FileRoutes:
    """Answers with what lies in `folder`, by its own list: a path from outside is never joined to anything."""

    def __init__(self, folder: Path = PAGE) -> None:
        self._folder = folder
        self.routes: list[BaseRoute] = [
            Route("/", self.index),
            Route("/{name:path}", self.file),
        ]

    def index(self, request: Request) -> Response:
        """The page."""
        return self._answer(INDEX)

    def file(self, request: Request) -> Response:
        """What the page asks for."""
        return self._answer(request.path_params["name"])

    def _answer(self, name: str) -> Response:
        path = self._files().get(name)
        if path is None:
            raise Refused(404, "server_unknown")
        return Response(path.read_bytes(), media_type=MEDIA_TYPES[path.suffix])

    def _files(self) -> dict[str, Path]:
        return {
            path.relative_to(self._folder).as_posix(): path
            for path in self._folder.rglob("*")
            if path.suffix in MEDIA_TYPES and path.is_file() and not path.is_symlink()
        }
