"""One backend for several threads: calls that wait are answered together, none is held back for others."""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.backend import Backend

MOST_AT_ONCE = 16
"""Frames in a batch that is made of several calls."""

Arrays = dict[str, NDArray[np.float32]]


@dataclass(eq=False)
class _Call:
    frames: NDArray[np.uint8]
    arrays: Arrays | None = None
    error: BaseException | None = None

    @property
    def answered(self) -> bool:
        return self.arrays is not None or self.error is not None


class SharedBackend:
    """Gives a backend at most `lanes` batches at a time.

    A call that finds a lane free goes at once. Calls that wait for one go together, in their order, as one batch of at
    most MOST_AT_ONCE frames.
    """

    def __init__(self, backend: Backend, lanes: int) -> None:
        self._backend, self._free = backend, lanes
        self.name, self.precision = backend.name, backend.precision
        self._waiting: list[_Call] = []
        self._changed = threading.Condition()

    def infer(self, frames: NDArray[np.uint8]) -> Arrays:
        """See `Backend.infer`; from any thread."""
        call = _Call(frames)
        with self._changed:
            self._waiting.append(call)
            while not call.answered:
                if self._free and self._waiting:
                    self._answer_some()
                else:
                    self._changed.wait()
        if call.error is not None:
            raise call.error
        assert call.arrays is not None
        return call.arrays

    def _answer_some(self) -> None:
        """Takes what waits, lets go of the lock while the backend works, and tells everybody."""
        calls = self._next_batch()
        self._free -= 1
        self._changed.release()
        try:
            _answer(self._backend, calls)
        finally:
            self._changed.acquire()
            self._free += 1
            self._changed.notify_all()

    def _next_batch(self) -> list[_Call]:
        calls = [self._waiting.pop(0)]
        count = len(calls[0].frames)
        while self._waiting and count + len(self._waiting[0].frames) <= MOST_AT_ONCE:
            count += len(self._waiting[0].frames)
            calls.append(self._waiting.pop(0))
        return calls


def _answer(backend: Backend, calls: list[_Call]) -> None:
    try:
        frames = calls[0].frames if len(calls) == 1 else np.concatenate([c.frames for c in calls])
        arrays = backend.infer(frames)
        start = 0
        for call in calls:
            end = start + len(call.frames)
            call.arrays = {name: array[start:end] for name, array in arrays.items()}
            start = end
    except BaseException as error:  # whoever asked is told, in his own thread
        for call in calls:
            call.error = error
