"""What is to be profiled, and for how long."""

from dataclasses import dataclass, field, replace
from math import isfinite

from leukoscope.errors import UsageError
from leukoscope.runtime.settings import Settings

MOST_SECONDS, MOST_RATE_HZ, MOST_BATCH, MOST_BATCHES = 3600.0, 1000.0, 256, 16
QUICK_SECONDS = 6.0
ALL_BACKENDS = "all"
"""Every backend that lacks nothing on this machine."""


@dataclass(frozen=True)
class Request:
    """Empty `networks` and `precisions`: all that the bundle has."""

    networks: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    backends: tuple[str, ...] = ("auto",)
    settings: Settings = field(default_factory=Settings)
    """Threads and permissions; its backend and precision are set for each variant."""
    data: str | None = None
    """A folder, a glob or an image; None for painted fields."""
    rate_hz: float = 30.0
    """Of the camera that the stream is fed by."""
    seconds: float = 30.0
    """For each variant; the fields and the stream have a third of it each."""
    batches: tuple[int, ...] = (1, 2, 4, 8)
    cold_starts: int = 5
    layers: bool = True

    def __post_init__(self) -> None:
        _check_range("--seconds", self.seconds, MOST_SECONDS, "seconds")
        _check_range("--rate", self.rate_hz, MOST_RATE_HZ, "frames a second")
        for name in self.backends:
            if name != ALL_BACKENDS:
                replace(self.settings, backend=name)  # UsageError names the backends there are

    @property
    def field_seconds(self) -> float:
        """For the fields by stage, and for the stream: seconds each."""
        return self.seconds / 3


def shortened(request: Request, *, layers: bool) -> Request:
    """The same for a first look: fewer seconds and starts, layers only where they are asked for."""
    return replace(
        request, seconds=min(request.seconds, QUICK_SECONDS), cold_starts=2, layers=layers
    )


def parse_batches(text: str) -> tuple[int, ...]:
    """`1,2,4,8` -> batch sizes; UsageError for anything else."""
    parts = [part.strip() for part in text.split(",")]
    sizes = [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 6]
    good = len(sizes) == len(parts) <= MOST_BATCHES and all(1 <= n <= MOST_BATCH for n in sizes)
    if not good:
        raise UsageError(
            f"--batches {text[:40]!r}",
            wanted=f"at most {MOST_BATCHES} sizes from 1 to {MOST_BATCH}, such as 1,2,4,8",
        )
    return tuple(dict.fromkeys(sizes))


def _check_range(option: str, value: float, most: float, unit: str) -> None:
    if not (isfinite(value) and 0 < value <= most):
        raise UsageError(f"{option} {value}", wanted=f"more than 0, at most {most:g} {unit}")
