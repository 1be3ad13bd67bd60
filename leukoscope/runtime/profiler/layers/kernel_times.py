"""The kernels of a network on ONNX Runtime's processor backend, timed by its own profile."""

import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.runtime.backends.onnxruntime import CPU, OnnxRuntimeBackend
from leukoscope.runtime.profiler.layers.ort_events import KernelEvent, OrtProfile, read_profile

T = TypeVar("T")
WARM_UP_CALLS = 3
QUICK_SHARE = 0.25
"""Of the calls, the quickest, whose times count: the peaks are what the machine does undisturbed, and so are these."""


@dataclass(frozen=True)
class KernelTime:
    """One kernel of the graph that ONNX Runtime made."""

    name: str
    operator: str
    input_dtype: str
    """Of what it reads first: `uint8`, `float`; '' where it reads nothing."""
    ms: float
    """In a call, the median over the quick calls."""


@dataclass(frozen=True)
class KernelTimes:
    """All kernels in the order in which they run, and the whole call around them."""

    kernels: tuple[KernelTime, ...]
    call_ms: float
    """The median of the quick calls."""
    calls: int
    """All that were timed."""


def time_kernels(
    graph: bytes,
    file: str,
    precision: str,
    frames: NDArray[np.uint8],
    threads: int,
    calls: int,
) -> KernelTimes:
    """Runs `calls` frames one by one, in turn from `frames` [N, S, S, 3], after a few that do not count.

    Raises InputError where the graph does not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        backend = OnnxRuntimeBackend(
            graph, file, precision, CPU, threads, profile_to=Path(folder) / "kernels"
        )
        for turn in range(WARM_UP_CALLS + calls):
            backend.infer(frames[[turn % len(frames)]])
        written = backend.end_profile()
        text = written.read_text(encoding="utf-8", errors="replace")
    return summarize(read_profile(text, written.name), file)


def summarize(profile: OrtProfile, file: str) -> KernelTimes:
    """Medians over the quick calls, the first ones left out. InputError for a profile without a whole call."""
    runs = list(zip(profile.by_call(), profile.calls_us, strict=True))
    counted = [(kernels, duration) for kernels, (_, duration) in runs[WARM_UP_CALLS:] if kernels]
    if not counted:
        raise InputError(f"ONNX Runtime timed no call of {file}", wanted="a profile with calls")
    quick = quickest(counted)
    sums = [_sums(kernels) for kernels in quick]
    order = {event.node: event for kernels in quick for event in kernels}
    return KernelTimes(
        tuple(_kernel(event, [one.get(name, 0) for one in sums]) for name, event in order.items()),
        statistics.median(quickest([(duration, duration) for _, duration in counted])) / 1e3,
        len(counted),
    )


def quickest(calls: Sequence[tuple[T, float]]) -> list[T]:
    """Of (call, its duration) the calls that count, the quickest first: QUICK_SHARE of them, one at least."""
    ranked = sorted(calls, key=lambda call: call[1])
    return [call for call, _ in ranked[: math.ceil(len(ranked) * QUICK_SHARE)]]


def _sums(kernels: Sequence[KernelEvent]) -> dict[str, int]:
    """Microseconds by kernel."""
    found: dict[str, int] = {}
    for event in kernels:
        found[event.node] = found.get(event.node, 0) + event.duration_us
    return found


def _kernel(event: KernelEvent, durations_us: Sequence[int]) -> KernelTime:
    dtype = event.inputs[0].dtype if event.inputs else ""
    return KernelTime(event.node, event.operator, dtype, statistics.median(durations_us) / 1e3)
