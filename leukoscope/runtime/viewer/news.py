"""A version that grows from any thread, and that coroutines wait for."""

import asyncio
import threading
from contextlib import suppress


class News:
    """Nobody who tells it something ever waits for those who listen."""

    def __init__(self) -> None:
        self._version = 0
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @property
    def version(self) -> int:
        """From 0, one more for each piece of news."""
        return self._version

    def tell(self) -> None:
        """Something has changed; from any thread."""
        with self._lock:
            self._version += 1
            waiting, self._waiting = self._waiting, {}
        for event, loop in waiting.items():
            with suppress(RuntimeError):  # its loop is closed: nobody listens any more
                loop.call_soon_threadsafe(event.set)

    async def after(self, version: int, wait_s: float) -> int:
        """The version as soon as it is greater than `version`, else that after `wait_s`."""
        event = asyncio.Event()
        with self._lock:
            if self._version > version:
                return self._version
            self._waiting[event] = asyncio.get_running_loop()
        try:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(event.wait(), wait_s)
        finally:
            with self._lock:
                self._waiting.pop(event, None)
        return self._version
