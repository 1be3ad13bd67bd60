"""The layers of a network against this machine's floor.

study = study_layers(bundle, "xincept_all", "fp32", Settings(), frames)
study.modules[0]                    # the slowest module: its time, its floor, and how far it is from it
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.backends.choose import open_native
from leukoscope.runtime.backends.onnxruntime import CPU, available_cores, session_graph
from leukoscope.runtime.backends.openvino import OPENVINO, compiled_form
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.profiler.layers.engine_layers import engine_layers
from leukoscope.runtime.profiler.layers.graph import NetworkGraph, read_network_graph
from leukoscope.runtime.profiler.layers.kernel_layers import kernel_layers
from leukoscope.runtime.profiler.layers.kernel_times import WARM_UP_CALLS, time_kernels
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.openvino_layers import openvino_layers
from leukoscope.runtime.profiler.layers.openvino_times import time_openvino
from leukoscope.runtime.profiler.layers.ort_events import TensorFact
from leukoscope.runtime.profiler.layers.peaks import Peaks, best_of, measure_peaks
from leukoscope.runtime.profiler.layers.roofline import by_module, total_floor_ms
from leukoscope.runtime.profiler.layers.shapes import tensor_facts
from leukoscope.runtime.settings import Settings

STUDIED = (CPU, OPENVINO)
"""Backends on the processor that tell the times of their kernels; `auto` is the first."""
BETWEEN_SHARE = 0.2
"""Of a call, outside of any layer, from which on it is said (our choice; at rest it was 0.02 to 0.04)."""
NO_PEAKS = "the device's peaks are not measured, so there is no floor"


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
    measured once for several networks. Where the backend tells no times of layers, the study is empty and says so.
    Raises InputError where the graph does not run.
    """
    data = bundle.graph(network, precision)
    file = bundle.variant(network, precision).file
    asked = replace(settings, precision=precision)
    native = open_native(bundle, network, asked)
    if native.backend is not None:
        with native.backend as backend:
            return _study_engine(data, file, network, backend, frames, calls)
    if settings.backend not in ("auto", *STUDIED):
        return _unmeasured(network, precision, settings.backend, frames, native.notes)
    backend_name = settings.backend if settings.backend in STUDIED else CPU
    threads = settings.threads or available_cores()
    return study_graph(data, file, network, precision, frames, threads, calls, peaks, backend_name)


def study_graph(
    data: bytes,
    file: str,
    network: str,
    precision: str,
    frames: NDArray[np.uint8],
    threads: int,
    calls: int,
    peaks: Peaks | None = None,
    backend: str = CPU,
) -> LayerStudy:
    """The same of a graph's bytes, on one of STUDIED. Peaks are measured before and after."""
    before = peaks or measure_peaks(threads)
    if backend == OPENVINO:
        inferred = time_openvino(data, file, frames, threads, calls)
        measured = peaks or best_of(before, measure_peaks(threads))
        graph, facts = _read(compiled_form(data, file), file, frames)
        layers = openvino_layers(inferred, graph, facts, measured)
        call_ms = inferred.call_ms
    else:
        ran = time_kernels(data, file, precision, frames, threads, calls)
        measured = peaks or best_of(before, measure_peaks(threads))
        graph, facts = _read(session_graph(data, file, precision, CPU), file, frames)
        layers = kernel_layers(ran, graph, facts, measured)
        call_ms = ran.call_ms
    found = LayerStudy(
        network=network,
        precision=precision,
        backend=backend,
        input_px=frames.shape[1],
        calls=calls,
        layers=layers,
        modules=by_module(layers),
        peaks=measured,
        ms=call_ms,
        floor_ms=total_floor_ms(layers),
    )
    return replace(found, notes=tuple(_doubts(found)))


def _doubts(study: LayerStudy) -> Iterator[str]:
    """Why the figures may say more of the machine's other work than of the network."""
    if study.ms and study.between_ms is not None and study.between_ms > BETWEEN_SHARE * study.ms:
        share = study.between_ms / study.ms
        yield f"{share:.0%} of a call lies outside of any layer: other programs had the cores, or the network is small"


def _read(
    data: bytes, file: str, frames: NDArray[np.uint8]
) -> tuple[NetworkGraph, dict[str, TensorFact]]:
    """The graph and the shapes of its tensors, for one frame."""
    graph = read_network_graph(data, file)
    return graph, tensor_facts(data, file, graph, frames[:1])


def _study_engine(
    data: bytes,
    file: str,
    network: str,
    backend: TensorRtBackend,
    frames: NDArray[np.uint8],
    calls: int,
) -> LayerStudy:
    """Of the engine that runs the variant on its device."""
    times = backend.layer_times(frames[:1], WARM_UP_CALLS)  # so that what is counted is warm
    times = backend.layer_times(frames, calls)
    layers = engine_layers(times, *_read(data, file, frames))
    return LayerStudy(
        network=network,
        precision=backend.precision,
        backend=backend.name,
        input_px=frames.shape[1],
        calls=calls,
        layers=layers,
        modules=by_module(layers),
        peaks=Peaks(threads=0),
        ms=sum(one.ms for one in layers),
        floor_ms=None,
        notes=("ms is the sum of the layers: TensorRT's profiler waits after each", NO_PEAKS),
    )


def _unmeasured(
    network: str, precision: str, backend: str, frames: NDArray[np.uint8], notes: tuple[str, ...]
) -> LayerStudy:
    said = f"layers are not measured on {backend}: it tells no times of ours"
    return LayerStudy(
        network=network,
        precision=precision,
        backend=backend,
        input_px=frames.shape[1],
        calls=0,
        layers=(),
        modules=(),
        peaks=Peaks(threads=0),
        ms=None,
        floor_ms=None,
        notes=(*notes, said),
    )
