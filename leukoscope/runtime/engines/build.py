"""From a bundle to an engine that is kept: the one that fits is used again, else one is built."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from leukoscope.bundle.read import Bundle
from leukoscope.errors import MachineError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.backends.cuda.opening import open_device
from leukoscope.runtime.engines import cache
from leukoscope.runtime.engines.ahead_of_time import check_capability
from leukoscope.runtime.engines.compile import Compiled, Graph, compile_plan
from leukoscope.runtime.engines.difference import difference
from leukoscope.runtime.engines.key import Key, ahead_of_time_key, device_key
from leukoscope.runtime.engines.layers import EngineLayer
from leukoscope.runtime.engines.library import (
    TENSORRT,
    TENSORRT_RTX,
    Library,
    load_tensorrt,
)
from leukoscope.runtime.engines.memory import (
    check_device_memory,
    check_host_memory,
    default_workspace,
)
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.engines.scales import check_scales
from leukoscope.runtime.engines.timing_cache import timing_cache_for
from leukoscope.runtime.engines.trial import try_engine

FIRST, ASKED, DAMAGED = "it is the first", "--rebuild asks for it", "the kept one was damaged"


@dataclass(frozen=True)
class Built:
    """An engine that is kept, and how it came about."""

    engine: cache.EngineFile
    layers: tuple[EngineLayer, ...]
    seconds: float
    """Of this build; of the build back then where it was used again."""
    reused: bool
    why_rebuilt: str
    """'' where it was used again."""

    @property
    def path(self) -> Path:
        """Of the plan."""
        return self.engine.path

    @property
    def key(self) -> Key:
        """What it was built of and for."""
        return self.engine.key


@dataclass(frozen=True)
class Device:
    """The device of this machine, as far as a build needs it."""

    facts: DeviceFacts
    free_bytes: int


def build_engine(
    bundle: Bundle,
    network: str,
    precision: str,
    request: BuildRequest,
    progress: Progress = Silent(),  # noqa: B008
    *,
    stopped: Callable[[], bool] = lambda: False,
    device: Device | None = None,
    folder: Path | None = None,
) -> Built:
    """The engine of one variant for the device of this machine, or ahead of time for `request.compute_capability`.

    An engine of exactly the same key is used again. `device`: what the caller knows of it already, else it is
    asked. `folder`: by default cache.cache_folder(). Raises MachineError where the builder, the device or memory is
    missing, InputError for a graph that TensorRT does not take, KeyboardInterrupt once `stopped()`.
    """
    library = load_tensorrt(request.backend)
    folder = folder or cache.cache_folder()
    file = bundle.variant(network, precision).file
    graph = Graph(network, precision, file, bundle.graph(network, precision))
    key, device = _key(library, graph, request, device)
    kept = None if request.rebuild else cache.read(key, folder)
    if kept is not None:
        return Built(kept, cache.read_layers(kept), kept.build_seconds, reused=True, why_rebuilt="")
    why = _why(key, request, folder)
    progress.note(f"{network}: building {precision} for {key.gpu} with {library.title}, as {why}")
    check_scales(graph.data, graph.file)
    compiled = _compile(library, graph, request, progress, stopped, key, device, folder)
    engine = cache.write(key, compiled, folder)
    return Built(engine, compiled.layers, compiled.seconds, reused=False, why_rebuilt=why)


def prove(bundle: Bundle, built: Built) -> Built:
    """The same, its engine run on the golden frames of this machine's device: proved, or with its faults.

    Raises as trial.try_engine.
    """
    return replace(built, engine=try_engine(bundle, built.engine))


def find_device(request: BuildRequest) -> Device:
    """The CUDA device 0 of this machine; MachineError, with a way around for TensorRT-RTX, where there is none.

    It is closed again: the builder makes a context of its own.
    """
    try:
        with open_device() as device:
            return Device(device.facts, device.free_bytes())
    except MachineError as error:
        if request.backend != TENSORRT_RTX:
            raise
        raise MachineError(
            error.found,
            next_step=f"{error.next_step}; to build for another machine's device give --compute-capability 8.9",
        ) from None


def _key(
    library: Library, graph: Graph, request: BuildRequest, device: Device | None
) -> tuple[Key, Device | None]:
    """The key, and the device unless the build is ahead of time."""
    sha256 = sha256_of_bytes(graph.data)
    names = (graph.network, graph.precision, sha256, library, request)
    if request.compute_capability is not None:
        check_capability(library, request.compute_capability)
        return ahead_of_time_key(*names, request.compute_capability), None
    device = device or find_device(request)
    return device_key(*names, device.facts), device


def _why(key: Key, request: BuildRequest, folder: Path) -> str:
    """Why none that is kept serves."""
    kept = cache.kept_engines(folder)
    if any(engine.key == key for engine in kept):
        return ASKED if request.rebuild else DAMAGED
    return difference(key, [engine.key for engine in kept]) or FIRST


def _compile(
    library: Library,
    graph: Graph,
    request: BuildRequest,
    progress: Progress,
    stopped: Callable[[], bool],
    key: Key,
    device: Device | None,
    folder: Path,
) -> Compiled:
    workspace = _workspace(request, device)
    if request.check_memory:
        check_host_memory(len(graph.data), ahead_of_time=device is None)
        if device is not None:
            check_device_memory(len(graph.data), workspace, device.free_bytes)
    timing = timing_cache_for(folder, key) if library.name == TENSORRT else None
    return compile_plan(
        library,
        graph,
        request,
        progress,
        stopped=stopped,
        workspace_bytes=workspace,
        timing=timing,
    )


def _workspace(request: BuildRequest, device: Device | None) -> int | None:
    if request.workspace_bytes is not None or device is None:
        return request.workspace_bytes
    return default_workspace(device.free_bytes, integrated=device.facts.integrated)
