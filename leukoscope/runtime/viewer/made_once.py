"""What several browsers ask for is made once, by one thread, and only when somebody asks."""

import asyncio
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

T = TypeVar("T")


class MadeOnce:
    """Things of kept fields, by field and key. Everything here belongs to the server's loop; only makers run elsewhere.

    One thread makes them, so that however many ask, the pipeline loses at most one core to them.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "viewer pictures")
        self._made: dict[int, dict[Hashable, asyncio.Future[object]]] = {}

    async def get(self, number: int, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives for this key of this field. A maker that fails is tried again by the next who asks."""
        of_field = self._made.setdefault(number, {})
        found = of_field.get(key)
        if found is None:
            loop = asyncio.get_running_loop()
            found = of_field[key] = asyncio.ensure_future(
                loop.run_in_executor(self._thread, cast(Callable[[], object], make))
            )
            found.add_done_callback(lambda done: self._forget_failed(of_field, key, done))
        # Who leaves does not take it from the others.
        return cast(T, await asyncio.shield(found))

    def keep(self, numbers: Collection[int]) -> None:
        """What belongs to other fields is forgotten."""
        for number in [one for one in self._made if one not in numbers]:
            del self._made[number]

    def close(self) -> None:
        """Nothing more is made."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _forget_failed(
        of_field: dict[Hashable, asyncio.Future[object]],
        key: Hashable,
        done: asyncio.Future[object],
    ) -> None:
        # Asking for its exception also tells asyncio that somebody knows of it.
        if done.cancelled() or done.exception() is not None:
            of_field.pop(key, None)
