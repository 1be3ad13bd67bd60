"""Which of the two that run a graph on the processor does: ONNX Runtime, or OpenVINO where it is measured to be quicker.

OpenVINO's gain is in large convolutions; a small network spends it on OpenVINO's own steps between the layers, and beside
other work its threads wait longer for each other. So nothing is assumed: both run the golden frames, in turns.
"""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.openvino import OPENVINO, has_openvino, open_openvino
from leukoscope.runtime.engines.golden import Fault, GoldenSet, golden_set

LEAST_CPU_MS = 30.0
"""A network whose call takes less of the processor's time, all threads together, is left alone: to compile it once more would
cost more than it brings (our choice). Not by the clock, by which any network is slow on a busy machine."""
TURNS = 7
LEAST_GAIN = 1.1
"""How many times quicker OpenVINO must be, so that chance does not choose (our choice)."""


@dataclass(frozen=True)
class Choice:
    """What runs the network, and why, a line each."""

    backend: Backend
    notes: tuple[str, ...] = ()


def choose_for_processor(
    bundle: Bundle, network: str, runtime: Backend, threads: int | None
) -> Choice:
    """`runtime`, an open session of ONNX Runtime; or OpenVINO with the same variant, where it is installed, gives the
    golden outputs, and was LEAST_GAIN times quicker just now. Nothing is loaded for a quick network, or without golden frames.
    """
    golden = golden_set(bundle, network, runtime.precision) if has_openvino() else None
    if golden is None or _work_ms(runtime, golden.frames) < LEAST_CPU_MS:
        return Choice(runtime)
    try:
        rival = _open(bundle, network, runtime.precision, threads)
    except LeukoscopeError as error:
        return Choice(runtime, (f"{network}: {error}; {runtime.name} takes over",))
    if faults := faults_of(rival, golden):
        return Choice(runtime, (f"{network}: {wrong(faults)}; {runtime.name} takes over",))
    ours, theirs = _in_turns(runtime, rival, golden.frames)
    if ours < LEAST_GAIN * theirs:
        return Choice(runtime)
    why = f"{theirs:.0f} ms a square here, {ours:.0f} with {runtime.name}"
    return Choice(rival, (f"{network} runs on {OPENVINO}: {why}",))


def open_by_name(
    bundle: Bundle, network: str, precision: str, threads: int | None
) -> tuple[Backend | None, tuple[str, ...]]:
    """OpenVINO because it is asked for; None, with the reason, where it does not give the golden outputs.

    Raises MachineError without the package, InputError for a model that is not taken.
    """
    backend = _open(bundle, network, precision, threads)
    golden = golden_set(bundle, network, precision)
    faults = faults_of(backend, golden) if golden is not None else ()
    return (None, (f"{network}: {wrong(faults)}",)) if faults else (backend, ())


def faults_of(backend: Backend, golden: GoldenSet) -> tuple[Fault, ...]:
    """What is wrong with the outputs for the golden frames, as one batch and one by one; () where nothing is."""
    singly = [backend.infer(frame[None]) for frame in golden.frames]
    joined = {name: np.concatenate([one[name] for one in singly]) for name in singly[0]}
    return golden.faults(backend.infer(golden.frames)) or golden.faults(joined)


def wrong(faults: tuple[Fault, ...]) -> str:
    """That OpenVINO is not used, in words."""
    return f"{OPENVINO} does not give the golden {faults[0]}"


def _open(bundle: Bundle, network: str, precision: str, threads: int | None) -> Backend:
    file = bundle.variant(network, precision).file
    return open_openvino(bundle.graph(network, precision), file, precision, threads=threads)


def _work_ms(backend: Backend, frames: NDArray[np.uint8]) -> float:
    """Processor's milliseconds for a frame, of two calls the less: the first one warms up."""
    found = []
    for _ in range(2):
        start = time.process_time()
        backend.infer(frames[:1])
        found.append((time.process_time() - start) * 1e3)
    return min(found)


def _in_turns(one: Backend, other: Backend, frames: NDArray[np.uint8]) -> tuple[float, float]:
    """Median milliseconds of a frame on each."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS):
        frame = frames[turn % len(frames)][None]
        times[0].append(_call_ms(one, frame))
        times[1].append(_call_ms(other, frame))
    return median(times[0]), median(times[1])


def _call_ms(backend: Backend, frames: NDArray[np.uint8]) -> float:
    start = time.perf_counter()
    backend.infer(frames)
    return (time.perf_counter() - start) * 1e3
