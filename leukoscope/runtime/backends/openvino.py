"""OpenVINO by its own package: on any x86-64 processor, where ONNX Runtime's plugin for it wants one of Intel's."""

import importlib
import threading
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.int8_form import fast_int8_form
from leukoscope.errors import InputError, MachineError
from leukoscope.runtime.backends.onnxruntime import available_cores
from leukoscope.runtime.cpu import multiplies_bytes

OPENVINO = "openvino"
INSTALL = "pip install 'leukoscope[openvino]'"
DEVICE = "CPU"


class OpenVinoBackend:
    """A compiled graph of OpenVINO behind the seam `infer(frames)`.

    What is not INT8 is computed in float32: OpenVINO's own choice on a processor with bfloat16 would be that, which the
    gate has not judged. Frames go one by one, as a graph for one frame, whose shapes are all known, is the quicker one.
    """

    name = OPENVINO

    def __init__(self, graph: bytes, file: str, precision: str, threads: int) -> None:
        self.precision = precision
        self._file = file
        self._request = compile_graph(graph, file, threads).create_infer_request()
        self._outputs = [port.get_any_name() for port in self._request.model_outputs]
        self._one_at_a_time = threading.Lock()

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """See `Backend.infer`; from any thread, one call at a time."""
        pixels = np.ascontiguousarray(frames)
        try:
            with self._one_at_a_time:
                rows = [self._one(pixels[k : k + 1]) for k in range(len(pixels))]
        except Exception as error:  # OpenVINO raises RuntimeError and others
            raise InputError(
                f"{self._file} fails on frames {list(frames.shape)} {frames.dtype}: {_one_line(error)}"
            ) from None
        if len(rows) == 1:
            return rows[0]
        return {name: np.concatenate([row[name] for row in rows]) for name in self._outputs}

    def _one(self, frame: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        arrays = self._request.infer({0: frame}, share_inputs=True, share_outputs=False)
        return {name: arrays[k] for k, name in enumerate(self._outputs)}


def open_openvino(
    graph: bytes, file: str, precision: str, *, threads: int | None = None
) -> OpenVinoBackend:
    """Opens `graph`, the bytes of `file`. MachineError without the package, InputError for a model that is not taken."""
    return OpenVinoBackend(graph, file, precision, threads or available_cores())


def has_openvino() -> bool:
    """Whether the package is installed; nothing is loaded."""
    return find_spec("openvino") is not None


def compiled_form(graph: bytes, file: str) -> bytes:
    """What OpenVINO is given for the bytes of `file`.

    As the file is, INT8 comes out otherwise: OpenVINO moves steps through average pools and out of layers that give float.
    """
    return fast_int8_form(graph, file) if multiplies_bytes() else graph


def compile_graph(graph: bytes, file: str, threads: int, **more: object) -> Any:
    """OpenVINO's compiled model for one frame, with `more` of its properties than the backend sets. Raises as `open_openvino`."""
    core = _openvino().Core()
    graph = compiled_form(graph, file)
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        # Threads that are nailed to cores wait where another thread of the process has that core.
        "ENABLE_CPU_PINNING": False,
        **more,
    }
    try:
        model = core.read_model(graph)
        shape = model.input(0).get_partial_shape()
        shape[0] = 1
        model.reshape(shape)
        return core.compile_model(model, DEVICE, settings)
    except Exception as error:  # OpenVINO raises RuntimeError and others
        raise InputError(
            f"OpenVINO does not take {file}: {_one_line(error)}",
            next_step="leave --backend out",
        ) from None


def _openvino() -> Any:
    try:
        return importlib.import_module(OPENVINO)
    except Exception as error:  # its libraries may be missing
        raise MachineError(
            f"OpenVINO does not load: {_one_line(error)}", next_step=f"run: {INSTALL}"
        ) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
