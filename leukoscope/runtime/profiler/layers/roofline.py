"""How long each layer takes against the least that this machine's measured peaks allow, and the same by module."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.runtime.profiler.layers.peaks import Peaks

COMPUTE, MEMORY = "compute", "memory"


@dataclass(frozen=True)
class Work:
    """What a layer has to do: operations (a multiplication and an addition are two), and bytes, each tensor once."""

    operations: int
    weight_bytes: int
    activation_bytes: int
    int8: bool
    """Whether it multiplies bytes."""

    @property
    def bytes(self) -> int:
        """Of weights and activations."""
        return self.weight_bytes + self.activation_bytes

    @property
    def intensity(self) -> float | None:
        """Operations a byte; None where no bytes are known."""
        return self.operations / self.bytes if self.bytes else None


@dataclass(frozen=True)
class Floor:
    """The least time of a layer, and what sets it."""

    ms: float
    bound: str
    """COMPUTE or MEMORY."""


@dataclass(frozen=True)
class LayerTime:
    """One kernel. What could not be mapped to the network has no nodes, no module and no floor."""

    name: str
    """As the runtime calls it."""
    operator: str
    module: str | None
    path: str | None
    """The module's full path in the network."""
    nodes: tuple[str, ...]
    """Of the bundle's graph, that run inside."""
    ms: float
    """Of one call, where the machine was not disturbed: kernel_times.COUNTED_PERCENTILE."""
    work: Work | None
    floor: Floor | None

    @property
    def distance(self) -> float | None:
        """Times the floor."""
        return self.ms / self.floor.ms if self.floor is not None and self.floor.ms > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Plain values, null where undefined."""
        work, floor = self.work, self.floor
        return {
            "name": self.name,
            "operator": self.operator,
            "module": self.module,
            "path": self.path,
            "nodes": list(self.nodes),
            "ms": self.ms,
            "operations": work.operations if work else None,
            "weight_bytes": work.weight_bytes if work else None,
            "activation_bytes": work.activation_bytes if work else None,
            "int8": work.int8 if work else None,
            "intensity": work.intensity if work else None,
            "floor_ms": floor.ms if floor else None,
            "bound": floor.bound if floor else None,
            "distance": self.distance,
        }


@dataclass(frozen=True)
class ModuleTime:
    """All layers of a module."""

    name: str
    layers: int
    ms: float
    share: float
    """Of all layers' time."""
    operations: int
    bytes: int
    floor_ms: float | None

    @property
    def distance(self) -> float | None:
        """Times the floor."""
        return self.ms / self.floor_ms if self.floor_ms else None

    def to_json(self) -> dict[str, Any]:
        """Plain values, null where undefined."""
        return {**asdict(self), "distance": self.distance}


def floor_of(work: Work, peaks: Peaks, constant_bytes: int) -> Floor | None:
    """The larger of two times: operations at the peak of products, and bytes at the bandwidth.

    Weights come from memory where all of the network's, `constant_bytes`, are more than the cache holds; a layer's
    activations where they are. None where the peaks were not measured.
    """
    peak = peaks.per_s(int8=work.int8)
    moved_s = _moved_s(work, peaks, constant_bytes)
    if peak is None or moved_s is None:
        return None
    computed_s = work.operations / peak
    return Floor(max(computed_s, moved_s) * 1e3, COMPUTE if computed_s >= moved_s else MEMORY)


def by_module(layers: Iterable[LayerTime]) -> tuple[ModuleTime, ...]:
    """The modules, the slowest first; layers without a module are left out, though their time is in the shares' whole."""
    listed = tuple(layers)
    whole = sum(one.ms for one in listed)
    names = dict.fromkeys(one.module for one in listed if one.module is not None)
    modules = [_module(name, [o for o in listed if o.module == name], whole) for name in names]
    return tuple(sorted(modules, key=lambda one: -one.ms))


def total_floor_ms(layers: Iterable[LayerTime]) -> float | None:
    """Of all layers one after the other; None where no layer has one."""
    floors = [one.floor.ms for one in layers if one.floor is not None]
    return sum(floors) if floors else None


def _module(name: str, layers: Sequence[LayerTime], whole_ms: float) -> ModuleTime:
    ms = sum(one.ms for one in layers)
    work = [one.work for one in layers if one.work is not None]
    return ModuleTime(
        name=name,
        layers=len(layers),
        ms=ms,
        share=ms / whole_ms if whole_ms else 0.0,
        operations=sum(one.operations for one in work),
        bytes=sum(one.bytes for one in work),
        floor_ms=total_floor_ms(layers),
    )


def _moved_s(work: Work, peaks: Peaks, constant_bytes: int) -> float | None:
    memory, cache, size = peaks.memory_bytes_per_s, peaks.cache_bytes_per_s, peaks.cache_bytes
    if memory is None or cache is None or size is None:
        return None
    near = max(memory, cache)
    weights = work.weight_bytes / (memory if constant_bytes > size else near)
    return weights + work.activation_bytes / (memory if work.activation_bytes > size else near)
