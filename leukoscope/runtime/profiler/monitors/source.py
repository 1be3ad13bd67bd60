"""What a monitor is."""

from typing import Protocol

from leukoscope.runtime.profiler.monitors.reading import Reading


class Source(Protocol):
    """Something on this machine that can be asked; opened by the function that made it."""

    name: str

    def read(self) -> Reading:
        """What it knows now; may raise, and is then not asked again."""
        ...

    def close(self) -> None:
        """Gives back what it holds."""
        ...
