"""The thread that the CUDA device lives in: TensorRT's objects are made, used and released there, whoever asks.

A CUDA context is current in one thread only, while a bundle is opened in one thread and its fields are judged in
another. So every call of the TensorRT backends goes to this one thread, in order; networks share its device.
"""

import atexit
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from traceback import clear_frames
from typing import Any, TypeVar

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.failures import DeviceError
from leukoscope.runtime.backends.cuda.opening import open_device

T = TypeVar("T")
_Job = tuple[Callable[[Device], Any], "Future[Any]"]


class DeviceThread:
    """A thread with the device open in it, from here to `close`.

    Raises MachineError where no device opens. `open_one` opens it, in that thread.
    """

    def __init__(self, open_one: Callable[[], Device] = open_device) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._opened: Future[None] = Future()
        self._closed: Future[None] = Future()
        self._ended = False
        # A daemon: else the interpreter would wait for it before `atexit` can close it.
        self._thread = threading.Thread(
            target=self._run, args=(open_one,), name="leukoscope-cuda", daemon=True
        )
        self._thread.start()
        self._opened.result()

    def call(self, work: Callable[[Device], T]) -> T:
        """Runs `work(device)` there and returns what it returns, or raises what it raises."""
        if threading.current_thread() is self._thread:
            raise DeviceError("work on the CUDA thread waits for itself")
        if self._ended:
            raise DeviceError("the CUDA device was used after it was closed")
        done: Future[T] = Future()
        self._jobs.put((work, done))
        return done.result()

    def close(self) -> None:
        """Closes the device after the work that is under way, and ends the thread; again does nothing."""
        if self._ended:
            return
        self._ended = True
        self._jobs.put(None)
        self._thread.join()
        self._closed.result()

    def _run(self, open_one: Callable[[], Device]) -> None:
        try:
            device = open_one()
        except BaseException as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            self._work(device)
        finally:
            _settle(self._closed, device.close)

    def _work(self, device: Device) -> None:
        while (job := self._jobs.get()) is not None:
            work, done = job
            _settle(done, lambda work=work: work(device))  # type: ignore[misc]
            # Neither a result nor an error's frames may outlive the job: they hold the device's memory.
            del job, work, done


def _settle(future: "Future[Any]", work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        _forget_frames(error)
        future.set_exception(error)


def _forget_frames(error: BaseException | None) -> None:
    """Empties the frames of an error: what they hold is to be released here, where the CUDA context is current."""
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


_LOCK = threading.Lock()
_SHARED: list[DeviceThread] = []
_USERS: dict[object, Callable[[], None]] = {}


def borrow_thread(user: object, close: Callable[[], None] = lambda: None) -> DeviceThread:
    """The process's one device thread, opened for its first user. Raises MachineError where no device opens.

    `close` is called at the end of the process for a user that has not returned it.
    """
    with _LOCK:
        if not _SHARED:
            _SHARED.append(DeviceThread())
        _USERS[user] = close
        return _SHARED[0]


def return_thread(user: object) -> None:
    """Ends one user's use; after the last one the device is closed. Again does nothing."""
    with _LOCK:
        if _USERS.pop(user, None) is not None and not _USERS and _SHARED:
            _SHARED.pop().close()


@contextmanager
def device_in_use() -> Iterator[DeviceThread]:
    """The shared thread for the length of a `with`. Raises MachineError where no device opens."""
    user = object()
    try:
        yield borrow_thread(user)
    finally:
        return_thread(user)


@atexit.register
def _close_shared() -> None:
    """With pycuda the process is aborted where a thread ends with its context: all is closed before."""
    for close in list(_USERS.values()):
        with suppress(LeukoscopeError):  # nobody is left to hear of it
            close()
    with _LOCK:
        while _SHARED:
            _SHARED.pop().close()
