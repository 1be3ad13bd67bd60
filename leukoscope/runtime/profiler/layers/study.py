"""The layers of a network against this machine's floor.

study = study_layers(bundle, "xincept_all", "fp32", Settings(), frames)
study.modules[0]                    # the slowest module: its time, its floor, and how far it is from it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.backends.onnxruntime import CPU, available_cores, session_graph
from leukoscope.runtime.profiler.layers.anchors import find_anchor
from leukoscope.runtime.profiler.layers.cost import PRODUCTS, operations
from leukoscope.runtime.profiler.layers.fusion import group, traffic
from leukoscope.runtime.profiler.layers.graph import (
    GraphNode,
    NetworkGraph,
    read_network_graph,
)
from leukoscope.runtime.profiler.layers.kernel_times import KernelTime, KernelTimes, time_kernels
from leukoscope.runtime.profiler.layers.modules import module_names, module_paths
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.peaks import Peaks, measure_peaks
from leukoscope.runtime.profiler.layers.roofline import (
    LayerTime,
    ModuleTime,
    Work,
    by_module,
    floor_of,
    total_floor_ms,
)
from leukoscope.runtime.profiler.layers.shapes import tensor_facts
from leukoscope.runtime.settings import Settings

SCHEMA = 1
BYTE_TYPES = ("uint8", "int8")


@dataclass(frozen=True)
class LayerStudy:
    """What came of it; with `ms` None nothing could be timed, and `notes` say why."""

    network: str
    precision: str
    backend: str
    input_px: int
    calls: int
    layers: tuple[LayerTime, ...]
    modules: tuple[ModuleTime, ...]
    peaks: Peaks
    ms: float | None
    """Of a call with the profile on, the median of the quickest quarter."""
    floor_ms: float | None
    unmapped_share: float | None
    """Of the layers' time, of what belongs to no module that is known."""
    notes: tuple[str, ...] = ()

    @property
    def layers_ms(self) -> float:
        """Of all layers, one after the other."""
        return sum(one.ms for one in self.layers)

    @property
    def between_ms(self) -> float | None:
        """Of a call, outside of any layer."""
        return None if self.ms is None else max(0.0, self.ms - self.layers_ms)

    @property
    def distance(self) -> float | None:
        """How many times its floor the call takes."""
        return self.ms / self.floor_ms if self.ms is not None and self.floor_ms else None

    def to_json(self) -> dict[str, Any]:
        """Plain values, null where undefined; docs/roofline.md says what they are."""
        return {
            "schema": SCHEMA,
            "network": self.network,
            "precision": self.precision,
            "backend": self.backend,
            "input_px": self.input_px,
            "calls": self.calls,
            "ms": self.ms,
            "floor_ms": self.floor_ms,
            "distance": self.distance,
            "between_ms": self.between_ms,
            "unmapped_share": self.unmapped_share,
            "peaks": self.peaks.to_json(),
            "modules": [one.to_json() for one in self.modules],
            "layers": [one.to_json() for one in self.layers],
            "notes": list(self.notes),
        }


def study_layers(
    bundle: Bundle,
    network: str,
    precision: str,
    settings: Settings,
    frames: NDArray[np.uint8],
    calls: int = 30,
    peaks: Peaks | None = None,
) -> LayerStudy:
    """Times the layers of one variant over `frames` [N, S, S, 3], one at a time and in turn.

    `settings` give backend and threads. `peaks` of the same machine and threads may be handed in, so that they are
    measured once for several networks. Raises InputError where the graph does not run.
    """
    data = bundle.graph(network, precision)
    file = bundle.variant(network, precision).file
    threads = settings.threads or available_cores()
    return study_graph(data, file, network, precision, frames, threads, calls, peaks)


def study_graph(
    data: bytes,
    file: str,
    network: str,
    precision: str,
    frames: NDArray[np.uint8],
    threads: int,
    calls: int,
    peaks: Peaks | None = None,
) -> LayerStudy:
    """The same of a graph's bytes, on ONNX Runtime and the processor."""
    measured = peaks or measure_peaks(threads)
    times = time_kernels(data, file, precision, frames, threads, calls)
    data = session_graph(data, file, precision, CPU)
    graph = read_network_graph(data, file)
    facts = tensor_facts(data, file, graph, frames[:1])
    layers = layers_of(times, graph, facts, measured)
    return LayerStudy(
        network=network,
        precision=precision,
        backend=CPU,
        input_px=frames.shape[1],
        calls=times.calls,
        layers=layers,
        modules=by_module(layers),
        peaks=measured,
        ms=times.call_ms,
        floor_ms=total_floor_ms(layers),
        unmapped_share=_unmapped(layers),
    )


def layers_of(
    times: KernelTimes, graph: NetworkGraph, facts: dict[str, TensorFact], peaks: Peaks
) -> tuple[LayerTime, ...]:
    """The kernels as layers of the network."""
    anchors = {kernel.name: find_anchor(kernel.name, graph) for kernel in times.kernels}
    first: dict[str, str] = {}
    for name, node in anchors.items():
        if node is not None:
            first.setdefault(node.name, name)
    groups = group(graph, first)
    paths = module_paths(graph)
    names = module_names(graph, paths)
    found = []
    for kernel in times.kernels:
        node = anchors[kernel.name]
        if node is None:
            found.append(
                LayerTime(kernel.name, kernel.operator, None, None, (), kernel.ms, None, None)
            )
            continue
        nodes = groups.get(kernel.name) or (
            node,
        )  # a second copy of a node has no group of its own
        work = _work(kernel, nodes, graph, facts)
        floor = floor_of(work, peaks, graph.constant_bytes)
        path = paths[node.name]
        inside = tuple(one.name for one in nodes)
        found.append(
            LayerTime(
                kernel.name, kernel.operator, names[path], path, inside, kernel.ms, work, floor
            )
        )
    return tuple(found)


def _work(
    kernel: KernelTime,
    nodes: Sequence[GraphNode],
    graph: NetworkGraph,
    facts: dict[str, TensorFact],
) -> Work:
    moved = traffic(nodes, graph, facts)
    multiplies = any(node.operator in PRODUCTS for node in nodes)
    return Work(
        operations=sum(operations(node, facts) for node in nodes),
        weight_bytes=moved.weight_bytes,
        activation_bytes=moved.activation_bytes,
        int8=multiplies and kernel.input_dtype in BYTE_TYPES,
    )


def _unmapped(layers: Sequence[LayerTime]) -> float | None:
    whole = sum(one.ms for one in layers)
    return sum(one.ms for one in layers if one.module is None) / whole if whole else None
