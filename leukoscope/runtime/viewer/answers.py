"""What the viewer answers: JSON, files, and refusals in one line."""

import html
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

NOTICE = "research use only"
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Leukoscope</title><p>{}</p></html>'
)


class Refused(Exception):  # noqa: N818 (nothing went wrong here: somebody asked for what there is not)
    """A request that is answered with `status` and a sentence of the catalogue."""

    def __init__(self, status: int, word: str, **values: object) -> None:
        super().__init__(word)
        self.status, self.word, self.values = status, word, values


def json_answer(value: Mapping[str, Any], status: int = 200) -> Response:
    """JSON without NaN."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json")


def file_answer(
    data: bytes, media_type: str, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """A picture. Not to be cached: field 7 of the next run has the same address, and is another field."""
    return Response(data, media_type=media_type, headers=dict(headers))


def refusal(scope: Scope, status: int, sentence: str) -> Response:
    """A plain page for who looks at it in a browser's window, else JSON; the connection's body is not read."""
    if _is_looked_at(Headers(scope=scope)):
        return HTMLResponse(PAGE.format(html.escape(sentence)), status)
    return json_answer({"error": sentence}, status)


def _is_looked_at(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "")
