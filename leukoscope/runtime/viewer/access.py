"""Who may speak to the viewer: the token, our own host, our own pages; and the headers that every answer bears.

An ASGI middleware around the whole application, so that no route can forget it.
"""

import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukoscope.runtime.viewer.answers import refusal
from leukoscope.runtime.viewer.hosts import Hosts
from leukoscope.runtime.viewer.words import Words

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OWN_SITES = ("same-origin", "none")
"""`Sec-Fetch-Site` of our own pages, and of what the operator typed."""


@dataclass(frozen=True)
class Key:
    """What opens the page."""

    token: str
    cookie: str
    """Name of the cookie; it bears the port, for cookies know none."""
    secure: bool
    """Whether the line is encrypted."""


class Access:
    """Lets a request through to `app`, or answers it."""

    def __init__(self, app: ASGIApp, *, key: Key, hosts: Hosts, words: Words) -> None:
        self._app, self._key, self._hosts, self._words = app, key, hosts, words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI. What is neither HTTP nor the server's own life is not answered."""
        if scope["type"] != "http":
            return
        await self._answer(scope)(scope, receive, _with_headers(send))

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        enters = self._enters(scope)
        if not self._hosts.allows(headers.getlist("host")):
            return self._refused(scope, 421, "server_foreign_host")
        if not self._is_own(headers, enters=enters):
            return self._refused(scope, 403, "server_foreign_origin")
        if enters:
            return self._entry()
        if not self._has_cookie(headers):
            return self._refused(scope, 403, "server_no_token")
        return self._app

    def _enters(self, scope: Scope) -> bool:
        """Whether somebody comes by the address with the right token."""
        if scope["path"] != "/" or scope["method"] not in ("GET", "HEAD"):
            return False
        try:
            given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8)
        except ValueError:
            return False
        tokens = given.get("token", [])
        return len(tokens) == 1 and self._is_token(tokens[0])

    def _is_own(self, headers: Headers, *, enters: bool) -> bool:
        origins = headers.getlist("origin")
        scheme = "https" if self._key.secure else "http"
        if any(origin != f"{scheme}://{headers['host']}" for origin in origins):
            return False
        if all(site in OWN_SITES for site in headers.getlist("sec-fetch-site")):
            return True
        # The address may be followed from elsewhere, but only by going there, not from within another page.
        return enters and headers.get("sec-fetch-dest", "document") == "document"

    def _has_cookie(self, headers: Headers) -> bool:
        """Read by hand: Python's own reader gives up at the first cookie of another program that it does not like."""
        pairs = [
            pair.partition("=") for line in headers.getlist("cookie") for pair in line.split(";")
        ]
        return any(
            name.strip() == self._key.cookie and self._is_token(value.strip())
            for name, _, value in pairs
        )

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._key.token.encode())

    def _entry(self) -> Response:
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            self._key.cookie,
            self._key.token,
            httponly=True,
            samesite="strict",
            secure=self._key.secure,
        )
        return response

    def _refused(self, scope: Scope, status: int, word: str) -> Response:
        return refusal(scope, status, self._words(word))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
