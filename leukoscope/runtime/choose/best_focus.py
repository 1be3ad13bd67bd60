"""The best sharpness lately: what a frame's own is compared with."""

from collections import deque

LATELY_S = 30.0
"""Best of so long, by capture times."""
FORGOTTEN = 0.1
"""Share of a microscope's kept best that is forgotten in LATELY_S in which nothing came near it."""


class BestFocus:
    """The best of the last half minute and the microscope's own, which outlasts it and is slowly forgotten.

    The kept best holds a focus that is slowly lost against itself; forgetting it lets another objective in.
    """

    def __init__(self, kept: float | None = None) -> None:
        """`kept` is the microscope's best so far."""
        self._kept = kept or 0.0
        self._kept_at_s: float | None = None
        self._lately: deque[tuple[float, float]] = deque()

    @property
    def best(self) -> float | None:
        """None before anything was seen."""
        best = max(self._kept, self._lately[0][1] if self._lately else 0.0)
        return best or None

    def share(self, sharpness: float) -> float | None:
        """`sharpness` as a share of the best, 0 to 1; None before there is one."""
        best = self.best
        return None if best is None else min(1.0, sharpness / best)

    def add(self, sharpness: float, at_s: float) -> None:
        """A frame's sharpness; times must not run back."""
        while self._lately and self._lately[0][0] < at_s - LATELY_S:
            self._lately.popleft()
        while self._lately and self._lately[-1][1] <= sharpness:
            self._lately.pop()
        self._lately.append((at_s, sharpness))
        self._forget(at_s)

    def _forget(self, at_s: float) -> None:
        """The kept best falls towards the best of the last half minute and rises to it."""
        passed_s = 0.0 if self._kept_at_s is None else at_s - self._kept_at_s
        self._kept_at_s = at_s
        self._kept = max(self._kept * (1 - FORGOTTEN) ** (passed_s / LATELY_S), self._lately[0][1])
