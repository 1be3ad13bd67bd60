"""Whether fields are taken just now: one switch between the operator and the intake."""

import threading
from collections.abc import Callable

LOOK_AROUND_S = 0.05
"""How often one who waits looks whether the run has ended."""


class Pause:
    """Any thread may set it. What is on its way when it is set is finished."""

    def __init__(self) -> None:
        self._running = threading.Event()
        self._running.set()

    @property
    def on(self) -> bool:
        """Whether no field is taken."""
        return not self._running.is_set()

    def begin(self) -> None:
        """No further field is taken."""
        self._running.clear()

    def end(self) -> None:
        """Fields are taken again."""
        self._running.set()

    def wait(self, stopped: Callable[[], bool]) -> bool:
        """Waits for the end of the pause; False where the run was stopped meanwhile."""
        while not self._running.wait(LOOK_AROUND_S):
            if stopped():
                return False
        return True
