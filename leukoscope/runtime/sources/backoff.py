"""How long to wait before a lost camera is tried again."""

from random import Random

FIRST_S = 0.5
MOST_S = 30.0
"""A camera that is plugged in again is back within this time at the latest."""
FACTOR = 2.0
JITTER = 0.5
"""Share of a delay that is left to chance: several stations do not knock at one server in step."""


class Backoff:
    """Delays that double from `first_s` up to `most_s`, each shortened by up to half by chance (our choice of figures)."""

    def __init__(
        self, first_s: float = FIRST_S, most_s: float = MOST_S, rng: Random | None = None
    ) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._rng = Random() if rng is None else rng
        self._whole_s = first_s

    def next_s(self) -> float:
        """Seconds to wait before the next try."""
        delay_s = self._whole_s * (1 - JITTER * self._rng.random())
        self._whole_s = min(self._most_s, self._whole_s * FACTOR)
        return delay_s

    def reset(self) -> None:
        """The camera was there: the next loss begins with the shortest delay."""
        self._whole_s = self._first_s
