"""One open device a thread, closed at the latest when the thread or the program ends.

pycuda aborts the whole process where a thread ends with a context on its stack, whatever the reason
(looked up in the sources of 2026.1, and tried): no error message would survive that.
"""

import atexit
import threading
from collections.abc import Callable
from contextlib import suppress

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.cuda.failures import DeviceError

_THREAD = threading.local()
"""Its content goes when the thread ends, in that thread: the only place where closing still works."""


class _LastResort:
    """Closes when it goes. Only `_THREAD` may hold it, or the thread's end would not be its end."""

    def __init__(self, close: Callable[[], None]) -> None:
        self.close: Callable[[], None] | None = close

    def act(self) -> None:
        close, self.close = self.close, None
        if close is not None:
            with suppress(LeukoscopeError):  # nobody is left to mend it
                close()

    def __del__(self) -> None:
        self.act()


def require_free_thread() -> None:
    """Raises DeviceError where the calling thread has a device open."""
    if getattr(_THREAD, "held", None) is not None:
        raise DeviceError(
            "this thread has a CUDA device open already",
            next_step="share that device, or close it first",
        )


def close_with_thread(close: Callable[[], None]) -> None:
    """Calls `close` when the calling thread ends (the main thread: the program), unless stood down."""
    _THREAD.held = _LastResort(close)
    if threading.current_thread() is threading.main_thread():
        atexit.register(_THREAD.held.act)


def stand_down() -> None:
    """For `close` itself, in the thread of `close_with_thread`: nothing is open any more."""
    held = getattr(_THREAD, "held", None)
    if held is None:  # the thread is ending, and this is what `held` does about it
        return
    held.close = _THREAD.held = None
    atexit.unregister(held.act)
