"""What the driver hands out and gets back exactly once, in the thread that its context lives in."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Protocol, TypeVar

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.cuda.driver import Driver, Handle
from leukoscope.runtime.backends.cuda.failures import DeviceError

R = TypeVar("R", bound="Resource")


class Owner(Protocol):
    """The device that a resource belongs to."""

    driver: Driver

    def check(self) -> None:
        """Raises DeviceError in a thread that the context does not live in, or once it is closed."""
        ...

    def adopt(self, resource: "Resource") -> None: ...
    def forget(self, resource: "Resource") -> None: ...


class Resource:
    """One handle of the driver, released by `close`, by leaving `with`, or by its device's `close`."""

    what = "resource"

    def __init__(self, owner: Owner, handle: Handle, release: Callable[[Handle], None]) -> None:
        self.owner = owner
        self._handle, self._give_back = handle, release
        self._closed = False
        owner.adopt(self)

    @property
    def raw(self) -> Handle:
        """The binding's own handle. Raises DeviceError in another thread or after `close`."""
        self.owner.check()
        if self._closed:
            raise DeviceError(f"{self.what} was used after it was closed")
        return self._handle

    @property
    def closed(self) -> bool:
        """Whether the driver has it back."""
        return self._closed

    def close(self) -> None:
        """Waits for the device's work, which may still use this, and releases it; again does nothing."""
        if self._closed:
            return
        self.owner.check()
        self.owner.forget(self)
        raise_first(attempt_all((self.owner.driver.synchronize, self.release)))

    def release(self) -> None:
        """Gives the handle back without waiting: for the device, which has waited already."""
        if self._closed:
            return
        self._closed = True
        handle, self._handle = self._handle, None
        self._give_back(handle)

    def abandon(self) -> None:
        """Forgets the handle, which went down with its context: for the device."""
        self._closed, self._handle = True, None

    def __enter__(self: R) -> R:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        close_after(kind, self.close)


def attempt_all(steps: Iterable[Callable[[], None]]) -> list[LeukoscopeError]:
    """Runs every step, whatever the others do; returns what failed."""
    failures = []
    for step in steps:
        try:
            step()
        except LeukoscopeError as failure:
            failures.append(failure)
    return failures


def raise_first(failures: list[LeukoscopeError]) -> None:
    """Raises the first failure: later ones are mostly its echo."""
    if failures:
        raise failures[0]


def close_after(kind: type[BaseException] | None, close: Callable[[], None]) -> None:
    """Closes at the end of a `with`; an error that is on its way already is the one that is told."""
    try:
        close()
    except LeukoscopeError:
        if kind is None:
            raise
