"""How long each layer of an engine takes on its device, as TensorRT's own profiler reports it.

A profiler makes TensorRT wait after every layer: the sum is more than a call takes without it.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.tensorrt_buffers import Buffers
from leukoscope.runtime.backends.tensorrt_contexts import Contexts
from leukoscope.runtime.backends.tensorrt_refusals import refusal
from leukoscope.runtime.engines.inspection import inspect_plan
from leukoscope.runtime.engines.layers import EngineLayer
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import listening


@dataclass(frozen=True)
class EngineTimes:
    """Milliseconds by the layer's name, of each call; and what the layers are, as far as the engine tells."""

    calls: tuple[Mapping[str, float], ...]
    layers: tuple[EngineLayer, ...]


def time_engine(
    device: Device,
    library: Library,
    plan: bytes,
    file: str,
    frames: NDArray[np.uint8],
    calls: int,
) -> EngineTimes:
    """Runs `calls` frames one by one, in turn from `frames` [N, S, S, 3], in the device's thread.

    The engine is loaded once more for it, and given back. Raises DeviceError, OutOfMemory.
    """
    with ExitStack() as owner:
        with listening(library) as heard:
            runtime = library.module.Runtime(heard.logger)
            engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise refusal(library, "deserialize_cuda_engine", "does not take the engine", heard)
        contexts = Contexts(device, owner, library, engine)
        del engine
        owner.callback(contexts.drop_engine)
        times = _Run(device, owner, library, contexts, file)
        owner.callback(times.drop_context)
        found = tuple(times.call(frames[[turn % len(frames)]]) for turn in range(calls))
    return EngineTimes(found, inspect_plan(library, plan))


class _Run:
    """One context with a profiler, and buffers for the smallest batch."""

    def __init__(
        self, device: Device, owner: ExitStack, library: Library, contexts: Contexts, file: str
    ) -> None:
        self._contexts, self._profiler = contexts, make_profiler(library)
        bindings = contexts.bindings(file)
        self._batch = bindings.least
        self._buffers = Buffers(device, owner, bindings, self._batch)
        self._stream = owner.enter_context(device.stream())
        self._context: Any = contexts.make()
        contexts.wire(self._context, self._buffers, self._batch)
        _attach(self._context, self._profiler)

    def call(self, frames: NDArray[np.uint8]) -> Mapping[str, float]:
        """The times of one call."""
        self._profiler.found = {}
        self._buffers.put(frames)
        self._buffers.upload(self._stream, self._batch)
        self._contexts.run(self._context, self._stream)
        self._stream.synchronize()
        found: dict[str, float] = self._profiler.found
        return found

    def drop_context(self) -> None:
        """Before the engine goes."""
        self._context = None


def make_profiler(library: Library) -> Any:
    """A `trt.IProfiler` that adds up the times by layer in `found`."""
    trt = library.module

    class Profiler(trt.IProfiler):  # type: ignore[misc, name-defined]  # found at run time
        def __init__(self) -> None:
            trt.IProfiler.__init__(self)
            self.found: dict[str, float] = {}

        def report_layer_time(self, layer_name: str, ms: float) -> None:
            self.found[layer_name] = self.found.get(layer_name, 0.0) + ms

    return Profiler()


def _attach(context: Any, profiler: Any) -> None:
    context.profiler = profiler
