"""The kernels of a network on OpenVINO, timed by its own counters, with the nodes that it says are in them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.openvino import compile_graph
from leukoscope.runtime.profiler.layers.kernel_times import WARM_UP_CALLS, undisturbed

ORIGINAL_NAMES = "originalLayersNames"
EXECUTED = "EXECUTED"


@dataclass(frozen=True)
class OpenVinoKernel:
    """One kernel that ran; what was fused into another or folded away did not."""

    name: str
    kind: str
    """`Convolution`, `Reorder`, ..."""
    primitive: str
    """Which implementation, and in which type: `brgconv_avx512_I8`, `jit_avx512_f32`."""
    nodes: tuple[str, ...]
    """Names of the graph's nodes or tensors, as OpenVINO remembers them."""
    ms: float
    """In a call: kernel_times.COUNTED_PERCENTILE of its times."""


@dataclass(frozen=True)
class OpenVinoTimes:
    """All kernels in the order of their running, and the whole call around them."""

    kernels: tuple[OpenVinoKernel, ...]
    call_ms: float
    calls: int


def time_openvino(
    graph: bytes, file: str, frames: NDArray[np.uint8], threads: int, calls: int
) -> OpenVinoTimes:
    """Runs `calls` frames one by one, in turn from `frames` [N, S, S, 3], after a few that do not count.

    Raises MachineError without the package, InputError where the graph is not taken.
    """
    compiled = compile_graph(graph, file, threads, PERF_COUNT=True)
    request = compiled.create_infer_request()
    counted: list[list[Any]] = []
    durations_ms: list[float] = []
    for turn in range(WARM_UP_CALLS + calls):
        pixels = np.ascontiguousarray(frames[[turn % len(frames)]])
        start_ns = time.perf_counter_ns()
        request.infer({0: pixels})
        if turn >= WARM_UP_CALLS:
            durations_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
            counted.append([one for one in request.profiling_info if one.status.name == EXECUTED])
    originals = dict(_originals(compiled.get_runtime_model()))
    kernels = tuple(_kernels(counted, originals))
    return OpenVinoTimes(kernels, undisturbed(durations_ms), calls)


def _kernels(
    counted: list[list[Any]], originals: dict[str, tuple[str, ...]]
) -> Iterator[OpenVinoKernel]:
    times: dict[str, list[float]] = {}
    told: dict[str, Any] = {}
    for call in counted:
        for one in call:
            told[one.node_name] = one
            times.setdefault(one.node_name, []).append(one.real_time.total_seconds() * 1e3)
    for name, one in told.items():
        nodes = originals.get(name, ())
        yield OpenVinoKernel(name, one.node_type, one.exec_type, nodes, undisturbed(times[name]))


def _originals(model: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By kernel the nodes that OpenVINO made it of."""
    for operation in model.get_ordered_ops():
        info = operation.get_rt_info()
        if ORIGINAL_NAMES in info:
            value = info[ORIGINAL_NAMES]
            names = str(getattr(value, "value", value)).split(",")
            yield operation.get_friendly_name(), tuple(name for name in names if name)
