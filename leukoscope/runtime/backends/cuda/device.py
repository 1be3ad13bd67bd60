"""A CUDA device in one thread: it makes everything, and gives all of it back."""

import threading
from types import TracebackType

from numpy.typing import DTypeLike

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.cuda.driver import DeviceFacts, Driver
from leukoscope.runtime.backends.cuda.failures import DeviceError
from leukoscope.runtime.backends.cuda.kernel import Module
from leukoscope.runtime.backends.cuda.last_resort import (
    close_with_thread,
    require_free_thread,
    stand_down,
)
from leukoscope.runtime.backends.cuda.memory import DeviceMemory, MappedArray, PinnedArray
from leukoscope.runtime.backends.cuda.resource import (
    Resource,
    attempt_all,
    close_after,
    raise_first,
)
from leukoscope.runtime.backends.cuda.stream import Event, Stream


class Device:
    """One context, current in the thread that made it, and everything that was made in it.

        with open_device() as device:
            stream, memory = device.stream(), device.memory(host.size_bytes)

    It belongs to that thread: any other gets a DeviceError. One thread has one device, shared by
    all that run there, because only one context is current. `close` waits for the work in flight,
    releases what is left in the reverse order of its making, and drops the context; an error does
    not stop it, the first one is raised at the end. Where the device lost its work, nothing can be
    released singly, and the context takes all of it along.
    """

    def __init__(self, driver: Driver, ordinal: int = 0) -> None:
        require_free_thread()
        self.driver = driver
        self.facts: DeviceFacts = driver.facts(ordinal)
        self._owned: dict[Resource, None] = {}
        self._thread = threading.get_ident(), threading.current_thread().name
        self._closed = False
        self._context = driver.make_context(ordinal)
        close_with_thread(self.close)

    def memory(self, size_bytes: int) -> DeviceMemory:
        """Device memory. Raises OutOfMemory where there is not enough."""
        self.check()
        return DeviceMemory(self, size_bytes)

    def pinned(self, shape: tuple[int, ...], dtype: DTypeLike) -> PinnedArray:
        """A page-locked host array, the only kind that streams copy from and to."""
        self.check()
        return PinnedArray(self, shape, dtype)

    def mapped(self, shape: tuple[int, ...], dtype: DTypeLike) -> MappedArray:
        """A page-locked host array that the device addresses too: no copies where `facts.integrated`."""
        self.check()
        return MappedArray(self, shape, dtype)

    def stream(self) -> Stream:
        """A stream of its own, which does not wait for the default stream."""
        self.check()
        return Stream(self)

    def event(self, *, timed: bool = False) -> Event:
        """An event that no stream has recorded yet."""
        self.check()
        return Event(self, timed=timed)

    def module(self, image: bytes) -> Module:
        """Loads PTX or a cubin."""
        self.check()
        return Module(self, image)

    def free_bytes(self) -> int:
        """Free device memory now, of `facts.total_bytes`; on a Jetson it is the board's memory."""
        self.check()
        return self.driver.free_bytes()

    def synchronize(self) -> None:
        """Blocks until every stream is done; raises DeviceError where some work failed."""
        self.check()
        self.driver.synchronize()

    def check(self) -> None:
        """Raises DeviceError in a thread that the context does not live in, or after `close`."""
        thread, name = self._thread
        if threading.get_ident() != thread:
            here = threading.current_thread().name
            raise DeviceError(
                f"the CUDA device was opened in thread {name} and used in {here}",
                next_step="open the device in the thread that uses it",
            )
        if self._closed:
            raise DeviceError("the CUDA device was used after it was closed")

    def adopt(self, resource: Resource) -> None:
        """Takes what was made into its care; resources call it."""
        self._owned[resource] = None

    def forget(self, resource: Resource) -> None:
        """Hands over what closes itself; resources call it."""
        self._owned.pop(resource, None)

    def close(self) -> None:
        """Gives everything back; again does nothing. See the class."""
        if self._closed:
            return
        self.check()
        self._closed = True
        stand_down()
        owned, self._owned = list(self._owned)[::-1], {}
        failures = attempt_all([self.driver.synchronize])
        if failures:
            failures += self._drop_context()
            for resource in owned:
                resource.abandon()
        else:
            failures = attempt_all(resource.release for resource in owned) + self._drop_context()
        raise_first(failures)

    def _drop_context(self) -> list[LeukoscopeError]:
        context, self._context = self._context, None
        return attempt_all([lambda: self.driver.drop_context(context)])

    def __enter__(self) -> "Device":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        close_after(kind, self.close)
