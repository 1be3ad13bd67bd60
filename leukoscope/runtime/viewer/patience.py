"""HTTP connections that do not wait for ever: each one that sends nothing whole holds a place."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 10.0
"""How long a connection may be without a whole request (our choice)."""


class PatientProtocol(H11Protocol):
    """Cuts a connection off that has not sent a request's head within REQUEST_S, however slowly it trickles."""

    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._seen: Any = None
        self._look = self.loop.call_later(REQUEST_S, self._look_again)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _look_again(self) -> None:
        """No request since the last look, and none that is being answered: it only holds a place."""
        is_answered = self.cycle is None or self.cycle.response_complete
        if is_answered and self.cycle is self._seen:
            self.transport.abort()
            return
        self._seen = self.cycle
        self._look = self.loop.call_later(REQUEST_S, self._look_again)
