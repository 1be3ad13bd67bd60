"""ONNX Runtime: on the CPU, and on the providers that are there: CUDA, TensorRT, plugins."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.int8_form import fast_int8_form
from leukoscope.bundle.softmax_form import softmax_by_planes
from leukoscope.errors import InputError, LeukoscopeError, MachineError
from leukoscope.runtime.backends.plugins import PLUGINS, add_plugin
from leukoscope.runtime.cpu import multiplies_bytes

CPU, CUDA, TENSORRT_PROVIDER = "onnxruntime-cpu", "onnxruntime-cuda", "onnxruntime-tensorrt"
PROVIDERS = {
    CPU: "CPUExecutionProvider",
    CUDA: "CUDAExecutionProvider",
    TENSORRT_PROVIDER: "TensorrtExecutionProvider",
}
AS_WRITTEN = {"session.disable_quant_qdq": "1"}
"""For `int8_fp16`: pairs with half scales are computed as they are written. What ONNX Runtime makes of them for its integer
kernels does not load (QLinearConcat knows no half scale) or is noise (it multiplies half scales in half, where they vanish)."""
SILENT = 4
"""Severity `fatal`: what goes wrong is raised and said once, by us."""
INSTALL_CUDA = "python -m pip install onnxruntime-gpu (with CUDA 12 and cuDNN 9)"


class OnnxRuntimeBackend:
    """A session of ONNX Runtime behind the seam `infer(frames)`."""

    def __init__(
        self,
        graph: bytes,
        file: str,
        precision: str,
        name: str,
        threads: int,
        profile_to: Path | None = None,
    ) -> None:
        self.name, self.precision = name, precision
        self._file = file
        entries = AS_WRITTEN if precision == "int8_fp16" else {}
        graph = session_graph(graph, file, precision, name)
        self._session = _open_session(graph, file, name, threads, entries, profile_to)
        provider = PROVIDERS.get(name)
        if provider is not None and provider not in self._session.get_providers():
            raise MachineError(
                f"ONNX Runtime could not start {provider}", next_step=f"run: {INSTALL_CUDA}"
            )
        self._outputs = [output.name for output in self._session.get_outputs()]

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """See `Backend.infer`."""
        try:
            arrays = self._session.run(None, {"frames": np.ascontiguousarray(frames)})
        except Exception as error:  # ONNX Runtime's own classes share no base but Exception
            raise InputError(
                f"{self._file} fails on frames {list(frames.shape)} {frames.dtype}: {_one_line(error)}"
            ) from None
        return dict(zip(self._outputs, arrays, strict=True))

    def end_profile(self) -> Path:
        """The file of kernel times, for a backend that was made with `profile_to`."""
        return Path(self._session.end_profiling())


def session_graph(graph: bytes, file: str, precision: str, name: str) -> bytes:
    """What the session of backend `name` is given for the bytes of `file`: the form that its kernels are fast for."""
    if name != CPU:
        return graph
    if multiplies_bytes() and precision != "int8_fp16":
        graph = fast_int8_form(graph, file)
    return softmax_by_planes(graph, file)


def open_onnxruntime(
    graph: bytes, file: str, precision: str, *, backend: str = "auto", threads: int | None = None
) -> OnnxRuntimeBackend:
    """Opens `graph`, the bytes of `file`, on `backend`: one of PROVIDERS, a plugin, or `auto` (CUDA where it starts, else CPU).

    `threads`: intra-op threads, by default one for each core that this process may use. Raises
    MachineError where what is asked for is not there, InputError for a model that is not taken.
    """
    count = threads or available_cores()
    if backend == "auto":
        return _open_best(graph, file, precision, count)
    if backend == CUDA and not has_cuda():
        raise _lacking("CUDA", CUDA)
    if backend == TENSORRT_PROVIDER and not _has(TENSORRT_PROVIDER):
        raise _lacking("TensorRT", TENSORRT_PROVIDER)
    return OnnxRuntimeBackend(graph, file, precision, backend, count)


def _lacking(title: str, backend: str) -> MachineError:
    return MachineError(
        f"this ONNX Runtime has no {title} provider",
        wanted=PROVIDERS[backend],
        next_step=f"run: {INSTALL_CUDA}, or --backend {CPU}",
    )


def has_cuda() -> bool:
    """Whether this build of ONNX Runtime carries the CUDA provider; it may still fail to start."""
    return _has(CUDA)


def _has(backend: str) -> bool:
    return PROVIDERS[backend] in _onnxruntime().get_available_providers()


def available_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _open_best(graph: bytes, file: str, precision: str, threads: int) -> OnnxRuntimeBackend:
    if has_cuda():
        try:
            return OnnxRuntimeBackend(graph, file, precision, CUDA, threads)
        except LeukoscopeError:
            pass  # the provider is built in, the driver or cuDNN is missing: the CPU still works
    return OnnxRuntimeBackend(graph, file, precision, CPU, threads)


def _open_session(
    graph: bytes,
    file: str,
    name: str,
    threads: int,
    entries: Mapping[str, str],
    profile_to: Path | None = None,
) -> Any:
    onnxruntime = _onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    if profile_to is not None:
        options.enable_profiling, options.profile_file_prefix = True, str(profile_to)
    # Two networks take turns: idle threads that spin would take the cores from the one at work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for key, value in entries.items():
        options.add_session_config_entry(key, value)
    providers = [PROVIDERS[name]] if name in PROVIDERS else None
    if name in PLUGINS:
        add_plugin(onnxruntime, options, name)
    try:
        # Without its fallback, which prints on stdout and hides on which device the figures were made.
        return onnxruntime.InferenceSession(graph, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's own classes share no base but Exception
        raise InputError(
            f"ONNX Runtime does not take {file}: {_one_line(error)}",
            next_step="export the bundle again, or update onnxruntime",
        ) from None


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MachineError(
            f"ONNX Runtime does not load: {_one_line(error)}",
            next_step="run: python -m pip install onnxruntime",
        ) from None
    onnxruntime.set_default_logger_severity(SILENT)
    return onnxruntime


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
