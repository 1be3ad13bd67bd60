"""What came of each field, in the order in which the fields were taken, whoever was ready first."""

import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from leukoscope.runtime.hand_over import Aborted

T = TypeVar("T")


class InOrder(Generic[T]):
    """Things with numbers from 0 on, from many threads, given out one by one in the order of their numbers.

    `admit` holds back whoever is `window` or more ahead of the number that is wanted next.
    """

    def __init__(self, window: int) -> None:
        self._window, self._wanted = window, 0
        self._arrived: dict[int, T] = {}
        self._changed = threading.Condition()
        self._total: int | None = None
        self._aborted = False

    def admit(self, number: int) -> None:
        """Waits until this number's turn is near. Raises Aborted after `abort`."""
        with self._changed:
            self._changed.wait_for(lambda: self._aborted or number < self._wanted + self._window)
            if self._aborted:
                raise Aborted

    def put(self, number: int, thing: T) -> None:
        """Each number once."""
        with self._changed:
            self._arrived[number] = thing
            self._changed.notify_all()

    def close(self, total: int) -> None:
        """No number from `total` on will come."""
        with self._changed:
            self._total = total
            self._changed.notify_all()

    def abort(self) -> None:
        """Whoever takes ends now."""
        with self._changed:
            self._aborted = True
            self._changed.notify_all()

    def take(self, wait_s: float) -> Iterator[T | None]:
        """The things in order; None whenever `wait_s` has passed without the next, so that the taker may look around."""
        while True:
            with self._changed:
                self._changed.wait_for(self._ready, wait_s)
                if self._aborted or self._total == self._wanted:
                    return
                thing = self._arrived.pop(self._wanted, None)
                if thing is not None:
                    self._wanted += 1
                    self._changed.notify_all()
            yield thing

    def _ready(self) -> bool:
        return self._aborted or self._wanted in self._arrived or self._total == self._wanted
