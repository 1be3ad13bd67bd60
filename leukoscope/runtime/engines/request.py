"""What is asked of a build."""

import itertools
import re
from dataclasses import dataclass

from leukoscope.errors import UsageError
from leukoscope.runtime.engines.library import MODULES, TENSORRT, TENSORRT_RTX

BATCH_LIMIT = 256
CAPABILITY = re.compile(r"\d{1,2}\.\d")


@dataclass(frozen=True)
class BuildRequest:
    """Which builder, for which batch sizes, for which device; UsageError for what cannot be."""

    backend: str = TENSORRT
    batches: tuple[int, ...] = (1, 8)
    """The engine takes 1 to the last, and is quickest at the first."""
    compute_capability: str | None = None
    """`8.9` builds ahead of time for such a device, with TensorRT-RTX; None is for the device of this machine."""
    workspace_bytes: int | None = None
    """Greatest scratch memory on the device; None leaves the choice to us (memory.py)."""
    rebuild: bool = False
    """Builds again even where a fitting engine is kept."""
    check_memory: bool = True
    """Refuses to begin where memory looks too short."""

    def __post_init__(self) -> None:
        if self.backend not in MODULES:
            raise UsageError(f"--backend {self.backend}", wanted=f"one of {', '.join(MODULES)}")
        _check_batches(self.batches)
        if self.workspace_bytes is not None and self.workspace_bytes < 1:
            raise UsageError("--workspace below 1 MiB", wanted="1 or more")
        _check_capability(self.backend, self.compute_capability)

    @property
    def profile(self) -> tuple[int, int, int]:
        """The batch sizes of the optimisation profile: least, the one to tune for, greatest."""
        return (1, self.batches[0], self.batches[-1])


def parse_batches(text: str) -> tuple[int, ...]:
    """`1,8` -> (1, 8); UsageError for anything but numbers in rising order."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise UsageError(f"--batch {text}", wanted="numbers such as 1,8")
    numbers = tuple(map(int, parts))
    _check_batches(numbers)
    return numbers


def _check_batches(batches: tuple[int, ...]) -> None:
    rising = all(a < b for a, b in itertools.pairwise(batches))
    if not batches or not rising or batches[0] < 1 or batches[-1] > BATCH_LIMIT:
        raise UsageError(
            f"--batch {','.join(map(str, batches)) or '(nothing)'}",
            wanted=f"rising numbers from 1 to {BATCH_LIMIT}, such as 1,8: tuned for the first, up to the last",
        )


def _check_capability(backend: str, capability: str | None) -> None:
    if capability is None:
        return
    if not CAPABILITY.fullmatch(capability):
        raise UsageError(f"--compute-capability {capability}", wanted="one such as 8.9")
    if backend != TENSORRT_RTX:
        raise UsageError(
            f"--compute-capability {capability} with --backend {backend}",
            wanted=f"--backend {TENSORRT_RTX}: only it builds for a device that is not there",
            next_step="leave --compute-capability out to build for this machine's device",
        )
