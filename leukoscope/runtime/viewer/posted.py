"""What a page posts: a small JSON object, and nothing else."""

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from leukoscope.runtime.viewer.answers import Refused

MOST_BYTES = 4096
PATIENCE_S = 5.0
"""A body of that size that takes longer is somebody's trick."""


async def posted_object(request: Request) -> dict[str, Any]:
    """The object; Refused for another type, more than MOST_BYTES, or no object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(400, "server_not_json")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:20]) > MOST_BYTES:
        raise Refused(400, "server_too_large")
    try:
        body = await asyncio.wait_for(_body(request), PATIENCE_S)
        found = json.loads(body.decode("utf-8"))
    except (asyncio.TimeoutError, ClientDisconnect, ValueError, RecursionError):
        raise Refused(400, "server_not_json") from None
    if not isinstance(found, dict):
        raise Refused(400, "server_not_json")
    return found


async def _body(request: Request) -> bytes:
    """Read no further than what is allowed: a header may lie."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refused(400, "server_too_large")
    return body
