"""How long one batch took on a device, by the device's own events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DeviceTimes:
    """Milliseconds. Copies are None where the device shares its memory with the processor: nothing is copied."""

    copy_in_ms: float | None
    engine_ms: float
    copy_out_ms: float | None


def total(times: Sequence[DeviceTimes]) -> DeviceTimes:
    """Of batches one after the other; copies stay None where there are none."""
    copied_in = [one.copy_in_ms for one in times if one.copy_in_ms is not None]
    copied_out = [one.copy_out_ms for one in times if one.copy_out_ms is not None]
    return DeviceTimes(
        sum(copied_in) if copied_in else None,
        sum(one.engine_ms for one in times),
        sum(copied_out) if copied_out else None,
    )


@runtime_checkable
class TellsTimes(Protocol):
    """A backend whose device says how long copies and computation took."""

    def infer_timed(
        self, frames: NDArray[np.uint8]
    ) -> tuple[dict[str, NDArray[np.float32]], DeviceTimes]:
        """As `Backend.infer`, with its times."""
        ...
