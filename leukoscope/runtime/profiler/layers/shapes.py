"""The types and shapes of all tensors of a graph, found by running it once as it is written."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.runtime.profiler.layers.graph import NetworkGraph
from leukoscope.runtime.profiler.layers.ort_events import (
    KernelEvent,
    OrtProfile,
    TensorFact,
    read_profile,
)

PROVIDER = "CPUExecutionProvider"
SILENT = 4


def tensor_facts(
    data: bytes, file: str, graph: NetworkGraph, frames: NDArray[np.uint8]
) -> dict[str, TensorFact]:
    """By name, for `frames` [B, S, S, 3], constants among them. What a node without a name of its own gives is left out.

    The graph runs once on the processor without ONNX Runtime's optimizations, so that each node of the file is a node
    of its profile, which tells the types and shapes of what it gave. InputError where it does not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile = _run_as_written(data, file, frames, Path(folder))
    constants = {name: TensorFact(one.dtype, one.shape) for name, one in graph.constants.items()}
    given = dict(pair for event in profile.kernels for pair in _given(event, graph))
    return {**constants, "frames": TensorFact("uint8", tuple(frames.shape)), **given}


def _given(event: KernelEvent, graph: NetworkGraph) -> Iterator[tuple[str, TensorFact]]:
    node = graph.by_name.get(event.node)
    names = [name for name in node.outputs if name] if node is not None else []
    if len(names) == len(event.outputs):
        yield from zip(names, event.outputs, strict=True)


def _run_as_written(data: bytes, file: str, frames: NDArray[np.uint8], folder: Path) -> OrtProfile:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_profiling, options.profile_file_prefix = True, str(folder / "shapes")
    options.log_severity_level = SILENT
    try:
        session: Any = onnxruntime.InferenceSession(data, options, providers=[PROVIDER])
        session.run(None, {"frames": np.ascontiguousarray(frames)})
    except Exception as error:  # ONNX Runtime's own classes share no base but Exception
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{file} does not run as it is written: {words}") from None
    written = Path(session.end_profiling())
    return read_profile(written.read_text(encoding="utf-8", errors="replace"), written.name)
