"""TensorRT's own phases on our progress bars, and Ctrl-C on its way back."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from leukoscope.progress import Progress
from leukoscope.runtime.engines.library import Library

NOTE_EVERY_S = 60.0


def make_monitor(
    library: Library, progress: Progress, what: str, stopped: Callable[[], bool]
) -> Any:
    """A `trt.IProgressMonitor` that draws a bar for each phase under way, and ends the build once `stopped()`.

    `what` is named in the line that is printed every minute, so that a log shows life too. What is raised inside ends
    the build and is kept in `failure`, to be raised afterwards: TensorRT would print it and go on as if cancelled.
    """
    trt = library.module
    phases = Phases(progress, what)

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc, name-defined]  # found at run time
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self.failure: BaseException | None = None

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self._keep(lambda: phases.start(phase_name, num_steps))

        def step_complete(self, phase_name: str, step: int) -> bool:
            self._keep(lambda: phases.step(phase_name))
            return self.failure is None and not stopped()

        def phase_finish(self, phase_name: str) -> None:
            self._keep(lambda: phases.finish(phase_name))

        def _keep(self, work: Callable[[], None]) -> None:
            try:
                work()
            except BaseException as error:  # a second Ctrl-C comes here too
                self.failure = self.failure or error

    return Monitor()


class Phases:
    """Bars by name of the phase. TensorRT calls from several threads, and reuses names of phases that have ended."""

    def __init__(
        self, progress: Progress, what: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._what, self._clock = progress, what, clock
        self._bars: dict[str, Iterator[int]] = {}
        self._lock = threading.Lock()
        self._began = self._noted = clock()

    def start(self, name: str, steps: int) -> None:
        """A bar of `steps` steps appears."""
        with self._lock:
            bar = iter(self._progress.track(range(steps + 1), name, steps))
            next(bar, None)
            self._drop(name)
            self._bars[name] = bar
            self._note(name)

    def step(self, name: str) -> None:
        """The bar moves on; more steps than were said do nothing."""
        with self._lock:
            if name in self._bars:
                next(self._bars[name], None)
            self._note(name)

    def finish(self, name: str) -> None:
        """The bar leaves, also before its last step."""
        with self._lock:
            self._drop(name)

    def _drop(self, name: str) -> None:
        bar = self._bars.pop(name, None)
        if bar is not None and hasattr(bar, "close"):
            bar.close()

    def _note(self, name: str) -> None:
        now = self._clock()
        if now - self._noted >= NOTE_EVERY_S:
            self._noted = now
            minutes = (now - self._began) / 60
            self._progress.note(f"{self._what}: still building after {minutes:.0f} min ({name})")
