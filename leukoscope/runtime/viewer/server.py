"""The web server, in a daemon thread with a loop of its own."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from leukoscope.errors import MachineError
from leukoscope.runtime.viewer.patience import PatientProtocol

CONNECTIONS = 64
"""Open at a time; who comes later gets 503 (our choice)."""
KEEP_ALIVE_S = 5
LEAVE_S = 2
"""How long answers that are under way may take when the server ends."""
START_S = 10.0
HEAD_BYTES = 16384


class Server:
    """Serves `app` on a bound socket from `start` to `stop`."""

    def __init__(
        self,
        app: ASGIApp,
        listening: socket.socket,
        tls: ssl.SSLContext | None,
        tell: Callable[[str], None],
    ) -> None:
        self._server = uvicorn.Server(_config(app, tls))
        self._listening, self._tell = listening, tell
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="viewer", daemon=True)

    def start(self) -> None:
        """Returns when it answers."""
        self._thread.start()
        if not self._up.wait(START_S) or not self._server.started:
            raise MachineError("the viewer's server did not start", next_step="try again")

    def stop(self) -> None:
        """Answers that are under way are finished, for LEAVE_S at most; may be called again."""
        self._server.should_exit = True
        self._thread.join(2 * LEAVE_S + 1)
        self._listening.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # the run goes on without its viewer
            self._tell(f"the viewer has ended: {type(error).__name__}: {error}")
        finally:
            self._up.set()

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_ignore)
        watching = asyncio.ensure_future(self._tell_when_up())
        await self._server.serve(sockets=[self._listening])
        watching.cancel()

    async def _tell_when_up(self) -> None:
        while not self._server.started:
            await asyncio.sleep(0.005)
        self._up.set()


def _config(app: ASGIApp, tls: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=LEAVE_S,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
    config.load()
    config.ssl = tls
    return config


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A browser that breaks off in the middle of a handshake is no event for the operator's terminal."""
