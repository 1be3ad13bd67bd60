"""A bounded place where one thread leaves things for the next."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Aborted(Exception):  # noqa: N818 (nothing went wrong here: somebody else's failure ends the work)
    """The run is over: nobody takes or leaves anything any more."""


class HandOver(Generic[T]):
    """Room for `room` things. A full one makes the giver wait, or with `newest` gives up the oldest thing instead."""

    def __init__(self, room: int, *, newest: bool = False) -> None:
        self._things: deque[T] = deque()
        self._room, self._newest = room, newest
        self._changed = threading.Condition()
        self._closed = self._aborted = False

    def put(self, thing: T) -> T | None:
        """Leaves it; returns what had to go for it. Raises Aborted after `abort`."""
        with self._changed:
            gone = None
            if self._newest and len(self._things) >= self._room:
                gone = self._things.popleft()
            while len(self._things) >= self._room and not self._aborted:
                self._changed.wait()
            if self._aborted:
                raise Aborted
            self._things.append(thing)
            self._changed.notify_all()
            return gone

    def close(self) -> None:
        """Nothing more will come: takers end when it is empty."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def abort(self) -> None:
        """Frees everybody who waits here."""
        with self._changed:
            self._aborted = True
            self._things.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """Takes things as they come, from any number of threads, until it is closed and empty."""
        while True:
            with self._changed:
                while not (self._things or self._closed or self._aborted):
                    self._changed.wait()
                if self._aborted:
                    raise Aborted
                if not self._things:
                    return
                thing = self._things.popleft()
                self._changed.notify_all()
            yield thing
