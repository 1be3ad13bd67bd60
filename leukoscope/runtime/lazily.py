"""Things by name that are made when they are first asked for."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazily(Mapping[str, T], Generic[T]):
    """Each is made once, by the thread that asks first; others who ask for it wait. A maker's error is raised each time."""

    def __init__(self, makers: Mapping[str, Callable[[], T]]) -> None:
        self._makers = dict(makers)
        self._names = tuple(makers)
        self._made: dict[str, T] = {}
        self._locks = {name: Lock() for name in makers}

    def __getitem__(self, name: str) -> T:
        with self._locks[name]:
            if name not in self._made:
                self._made[name] = self._makers[name]()
                del self._makers[name]  # and what it held
            return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
