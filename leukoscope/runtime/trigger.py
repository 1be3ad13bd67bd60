"""The operator's key: space or enter on the terminal, a foot switch that acts as a keyboard, or lines of a pipe.

with open_trigger() as pressed:        # cbreak mode while it lasts; restored whatever happens
    chooser = open_chooser("trigger", triggered=pressed)
"""

import atexit
import os
import select
import signal
import stat
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from leukoscope.errors import UsageError

KEYS = b" \r\n"
"""What counts as a press on a terminal: space and enter. Other keys do nothing."""
HELD_S = 0.7
"""A key that is held down repeats itself: on a terminal what follows the last of it sooner is the same press."""
CHUNK_BYTES = 1024


class Trigger:
    """Counts presses from a file descriptor on a thread of its own; True once for each."""

    def __init__(
        self,
        descriptor: int,
        keys: bytes,
        held_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Reads `descriptor` until its end or `close`.

        Each byte of `keys` is a press, but for those that come within `held_s` of the one before.
        """
        self._descriptor, self._keys = descriptor, keys
        self._held_s, self._clock, self._last_s = held_s, clock, -float("inf")
        self._presses = threading.Semaphore(0)
        self._wake_read, self._wake_write = os.pipe()
        self.ended = threading.Event()
        """Set when nothing more can come."""
        self._thread = threading.Thread(target=self._listen, name="trigger", daemon=True)
        self._thread.start()

    def __call__(self) -> bool:
        """Whether the key was pressed since it was last said; never waits, from any thread."""
        return self._presses.acquire(blocking=False)

    def close(self) -> None:
        """Ends the thread; a press that was not asked for is forgotten. May be called again."""
        if self._thread.is_alive():
            os.write(self._wake_write, b".")
            self._thread.join()
        for end in (self._wake_read, self._wake_write):
            with suppress(OSError):
                os.close(end)
        self._wake_read = self._wake_write = -1

    def _listen(self) -> None:
        waiting = select.poll()
        for end in (self._descriptor, self._wake_read):
            waiting.register(end, select.POLLIN)
        while True:
            ready = [end for end, _ in waiting.poll()]
            if self._wake_read in ready or not self._read():
                break
        self.ended.set()

    def _read(self) -> bool:
        """Takes what is there; False at the end."""
        try:
            data = os.read(self._descriptor, CHUNK_BYTES)
        except OSError:
            return False  # the terminal is gone
        for byte in data:
            if byte in self._keys:
                self._press()
        return bool(data)

    def _press(self) -> None:
        now_s = self._clock()
        if now_s - self._last_s >= self._held_s:
            self._presses.release()
        self._last_s = now_s


@contextmanager
def open_trigger(descriptor: int | None = None) -> Iterator[Trigger]:
    """A trigger on stdin, or on another descriptor.

    On a terminal KEYS are presses, unechoed, and Ctrl-C works as ever; the terminal is as it was afterwards, also
    after an error, SIGTERM and SIGHUP. On a pipe each line is a press. UsageError where there is neither.
    """
    asked = _stdin() if descriptor is None else descriptor
    if not os.isatty(asked):
        _check_pipe(asked)
        with _kept_open(asked), _listening(asked, b"\n", 0.0) as trigger:
            yield trigger
        return
    _check_foreground(asked)
    with _keys_at_once(asked), _listening(asked, KEYS, HELD_S) as trigger:
        yield trigger


@contextmanager
def _kept_open(descriptor: int) -> Iterator[None]:
    """A named pipe does not end when one writer leaves: each press may come from a program of its own."""
    own = Path(f"/proc/self/fd/{descriptor}")
    is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode) and own.exists()
    if not is_pipe or str(own.readlink()).startswith("pipe:"):
        yield
        return
    writer = os.open(own, os.O_RDWR)
    try:
        yield
    finally:
        os.close(writer)


@contextmanager
def _listening(descriptor: int, keys: bytes, held_s: float) -> Iterator[Trigger]:
    trigger = Trigger(descriptor, keys, held_s)
    try:
        yield trigger
    finally:
        trigger.close()


@contextmanager
def _keys_at_once(descriptor: int) -> Iterator[None]:
    """The terminal gives each key at once and shows none; given back in every case but kill -9."""
    before = termios.tcgetattr(descriptor)

    def give_back() -> None:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)

    atexit.register(give_back)
    try:
        with _on_signals(give_back):
            # What was typed before is no press.
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, _unbuffered(before))
            yield
    finally:
        give_back()
        atexit.unregister(give_back)


def _unbuffered(attributes: list[Any]) -> list[Any]:
    """Without lines and echo; signals such as Ctrl-C stay."""
    changed = list(attributes)
    changed[3] &= ~(termios.ICANON | termios.ECHO)
    changed[6] = list(attributes[6])
    changed[6][termios.VMIN], changed[6][termios.VTIME] = 1, 0
    return changed


@contextmanager
def _on_signals(give_back: Callable[[], None]) -> Iterator[None]:
    """What ends a program by default does so still, after `give_back`; handlers of others are left alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    ours = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _stdin() -> int:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        raise _no_key("there is no stdin") from None


def _check_pipe(descriptor: int) -> None:
    """A pipe or a socket can be waited for; /dev/null and files give nothing or everything at once."""
    try:
        kind = os.fstat(descriptor).st_mode & 0o170000
    except OSError:
        raise _no_key("stdin is closed") from None
    if kind not in (0o010000, 0o140000):
        raise _no_key("stdin is no terminal")


def _check_foreground(descriptor: int) -> None:
    """Who runs in the background is stopped by the system as soon as it touches the terminal."""
    try:
        front = os.tcgetpgrp(descriptor)
    except OSError:
        return  # not the terminal that this program was started from
    if front not in (0, os.getpgrp()):
        raise _no_key("it runs in the background")


def _no_key(found: str) -> UsageError:
    return UsageError(
        f"--frames trigger has no key to listen to: {found}",
        wanted="a terminal, or a pipe with a line for each press",
        next_step="run it in a terminal",
    )
