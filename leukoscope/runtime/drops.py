"""Frames that did not become fields, counted by cause."""

import threading
from collections import Counter
from collections.abc import Mapping

from leukoscope.runtime.sources.source import Source

OVERTAKEN = "overtaken"
"""Chosen, and given up for a newer one before its turn came."""
KNOWN = "known"
"""In the journal already."""
AFTER_TARGET = "after_target"
"""Under way when `--count` was reached."""
PAUSED = "paused"
"""A camera's while the operator had paused; a file's that waited for the end of a pause when the run was ended."""


class Drops:
    """Counts from any thread. Frames given by the source = fields + what is counted here without the source's own."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts: Counter[str] = Counter()
        self._given = 0
        self._lock = threading.Lock()

    def give(self) -> None:
        """The source gave a frame."""
        with self._lock:
            self._given += 1

    def add(self, cause: str) -> None:
        """A frame went for this cause."""
        with self._lock:
            self._counts[cause] += 1

    def counts(self) -> dict[str, int]:
        """By cause, the source's own drops among them."""
        return self.books()[1]

    def books(self) -> tuple[int, dict[str, int]]:
        """Frames that the source saw, and `counts`, of one moment."""
        own = self._source.drops()
        with self._lock:
            return self._given + sum(own.values()), self._with(own)

    def _with(self, own: Mapping[str, int]) -> dict[str, int]:
        return {name: count for name, count in (self._counts + Counter(own)).items() if count}
