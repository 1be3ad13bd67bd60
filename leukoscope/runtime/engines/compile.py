"""A graph becomes a plan: the one place that drives the builder."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leukoscope.errors import MachineError, UsageError
from leukoscope.progress import Progress
from leukoscope.runtime.engines.ahead_of_time import aim_at
from leukoscope.runtime.engines.inspection import inspect_plan
from leukoscope.runtime.engines.layers import EngineLayer, read_listing
from leukoscope.runtime.engines.library import TENSORRT, TENSORRT_RTX, Library
from leukoscope.runtime.engines.logger import Heard, listening
from leukoscope.runtime.engines.monitor import make_monitor
from leukoscope.runtime.engines.parse import builder_refusal, parse_graph
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.engines.timing_cache import TimingCache
from leukoscope.runtime.engines.wording import DRIVER, shortened


@dataclass(frozen=True)
class Graph:
    """The graph to be built, and how messages name it."""

    network: str
    precision: str
    file: str
    data: bytes


@dataclass(frozen=True)
class Compiled:
    """A serialized engine, its layers, and how long it took."""

    plan: bytes
    layers: tuple[EngineLayer, ...]
    seconds: float


def compile_plan(
    library: Library,
    graph: Graph,
    request: BuildRequest,
    progress: Progress,
    *,
    stopped: Callable[[], bool] = lambda: False,
    workspace_bytes: int | None = None,
    timing: TimingCache | None = None,
) -> Compiled:
    """Builds a strongly typed network of `graph`: every type is the file's own.

    Raises InputError for a graph that TensorRT does not take, MachineError where this machine is short of
    something, UsageError for a batch size that the graph does not have, KeyboardInterrupt once `stopped()`.
    """
    trt = library.module
    began = time.monotonic()
    with listening(library) as heard:
        builder = _make_builder(library, heard)
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        network = builder.create_network(flags)
        parser = trt.OnnxParser(network, heard.logger)
        parse_graph(library, parser, graph.data, graph.file, graph.precision)
        config = _configure(library, builder, request, workspace_bytes)
        _add_profile(builder, network, config, request.profile, graph.file)
        what = f"{graph.network} in {graph.precision}"
        watch = config.progress_monitor = make_monitor(library, progress, what, stopped)
        plan = _run(builder, network, config, watch, timing)
        if plan is None and stopped():
            progress.note(f"{what}: stopped, no engine is kept of it")
            raise KeyboardInterrupt
        if plan is None:
            raise builder_refusal(library, graph.file, heard)
        data = bytes(plan)
        layers = _layers(library, heard, data)
    return Compiled(data, layers, time.monotonic() - began)


def _run(
    builder: Any, network: Any, config: Any, watch: Any, timing: TimingCache | None
) -> Any | None:
    """The serialized engine; None where there is none. Raises what was raised while it was watched."""
    kept = timing.attach(config) if timing is not None else None
    plan = builder.build_serialized_network(network, config)
    if watch.failure is not None:
        raise watch.failure
    if timing is not None and plan is not None:
        timing.keep(config)
    del kept  # not before: the config only points to it
    return plan


def _make_builder(library: Library, heard: Heard) -> Any:
    trt = library.module
    try:
        return trt.Builder(heard.logger)
    except Exception as error:  # the binding raises TypeError where the library gives no builder
        words = shortened("; ".join(heard.errors) or str(error))
        raise MachineError(f"{library.title} does not start: {words}", next_step=DRIVER) from None


def _configure(
    library: Library, builder: Any, request: BuildRequest, workspace_bytes: int | None
) -> Any:
    trt = library.module
    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if workspace_bytes is not None:
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace_bytes)
    if library.name == TENSORRT_RTX and request.compute_capability is not None:
        aim_at(library, config, request.compute_capability)
    return config


def _add_profile(
    builder: Any, network: Any, config: Any, batches: tuple[int, int, int], file: str
) -> None:
    """One optimisation profile for every input; UsageError where the graph has one batch size only."""
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        port = network.get_input(index)
        batch, *sides = port.shape
        if batch > 0 and set(batches) != {batch}:
            raise UsageError(f"{file} takes {batch} frames at a time", next_step=f"--batch {batch}")
        least, tuned, most = ((count, *sides) for count in batches)
        profile.set_shape(port.name, least, tuned, most)
    config.add_optimization_profile(profile)


def _layers(library: Library, heard: Heard, plan: bytes) -> tuple[EngineLayer, ...]:
    if heard.listing:
        return read_listing(heard.listing)
    return inspect_plan(library, plan) if library.name == TENSORRT else ()
