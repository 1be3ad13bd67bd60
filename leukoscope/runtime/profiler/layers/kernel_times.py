"""The kernels of a network on ONNX Runtime's processor backend, timed by its own profile."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.runtime.backends.onnxruntime import CPU, OnnxRuntimeBackend
from leukoscope.runtime.profiler.layers.ort_events import KernelEvent, OrtProfile, read_profile

WARM_UP_CALLS = 3
COUNTED_PERCENTILE = 10.0
"""Of each kernel's times over the calls: peaks are what the machine does undisturbed, and so is this. A call that another
program interrupts is slow in one kernel or two, and each call in others."""


@dataclass(frozen=True)
class KernelTime:
    """One kernel of the graph that ONNX Runtime made."""

    name: str
    operator: str
    input_dtype: str
    """Of what it reads first: `uint8`, `float`; '' where it reads nothing."""
    ms: float
    """In a call: COUNTED_PERCENTILE of its times."""


@dataclass(frozen=True)
class KernelTimes:
    """All kernels in the order in which they run, and the whole call around them."""

    kernels: tuple[KernelTime, ...]
    call_ms: float
    """The same percentile of the whole calls."""
    calls: int
    """How many."""


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
    """Of all calls but the first ones. InputError for a profile without a whole call."""
    runs = list(zip(profile.by_call(), profile.calls_us, strict=True))
    counted = [(kernels, duration) for kernels, (_, duration) in runs[WARM_UP_CALLS:] if kernels]
    if not counted:
        raise InputError(f"ONNX Runtime timed no call of {file}", wanted="a profile with calls")
    sums = [_sums(kernels) for kernels, _ in counted]
    order = {event.node: event for kernels, _ in counted for event in kernels}
    return KernelTimes(
        tuple(_kernel(event, [one.get(name, 0) for one in sums]) for name, event in order.items()),
        undisturbed([duration for _, duration in counted]) / 1e3,
        len(counted),
    )


def undisturbed(times: Sequence[float]) -> float:
    """The time that counts of several of the same work."""
    return float(np.percentile(np.asarray(times, np.float64), COUNTED_PERCENTILE))


def _sums(kernels: Sequence[KernelEvent]) -> dict[str, int]:
    """Microseconds by kernel."""
    found: dict[str, int] = {}
    for event in kernels:
        found[event.node] = found.get(event.node, 0) + event.duration_us
    return found


def _kernel(event: KernelEvent, durations_us: Sequence[int]) -> KernelTime:
    dtype = event.inputs[0].dtype if event.inputs else ""
    return KernelTime(event.node, event.operator, dtype, undisturbed(durations_us) / 1e3)
