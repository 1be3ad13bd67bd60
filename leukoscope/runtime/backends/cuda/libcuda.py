"""The driver's graph functions and its words for errors, by ctypes: pycuda wraps neither.

pycuda has no CUDA graphs (looked up in the sources of 2026.1). It has loaded `libcuda.so.1`
already; these calls go to the same library, on the same streams.
"""

import ctypes
from functools import cached_property
from typing import Any

from leukoscope.runtime.backends.cuda.failures import driver_failure

THREAD_LOCAL_CAPTURE = 1
"""CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: what other threads do cannot spoil the capture."""
_LAST_CODE = 1000
_POINTER, _OUT = ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
_ARGUMENTS = {
    "cuStreamBeginCapture_v2": (_POINTER, ctypes.c_int),
    "cuStreamEndCapture": (_POINTER, _OUT),
    "cuGraphInstantiateWithFlags": (_OUT, _POINTER, ctypes.c_ulonglong),
    "cuGraphLaunch": (_POINTER, _POINTER),
    "cuGraphExecDestroy": (_POINTER,),
    "cuGraphDestroy": (_POINTER,),
    "cuGetErrorName": (ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)),
    "cuGetErrorString": (ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)),
}


class Libcuda:
    """The driver library of this process. Raises OSError where there is none."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libcuda.so.1")
        for name, arguments in _ARGUMENTS.items():
            function = getattr(self._library, name)
            function.argtypes, function.restype = arguments, ctypes.c_int

    def begin_capture(self, stream: int) -> None:
        """See `Driver.begin_capture`."""
        self._call("cuStreamBeginCapture_v2", stream, THREAD_LOCAL_CAPTURE)

    def end_capture(self, stream: int) -> int:
        """The recorded CUgraph."""
        return self._made("cuStreamEndCapture", stream)

    def instantiate(self, recording: int) -> int:
        """The executable graph of a recording."""
        graph = ctypes.c_void_p()
        self._call("cuGraphInstantiateWithFlags", ctypes.byref(graph), recording, 0)
        return graph.value or 0

    def launch(self, graph: int, stream: int) -> None:
        """Puts an executable graph on a stream."""
        self._call("cuGraphLaunch", graph, stream)

    def destroy_graph(self, graph: int) -> None:
        """Releases an executable graph."""
        self._call("cuGraphExecDestroy", graph)

    def destroy_recording(self, recording: int) -> None:
        """Releases what `end_capture` returned."""
        self._call("cuGraphDestroy", recording)

    def code_of(self, description: str) -> str:
        """`CUDA_ERROR_OUT_OF_MEMORY` for `out of memory`; empty for words that the driver does not use."""
        return self._codes.get(description, "")

    @cached_property
    def _codes(self) -> dict[str, str]:
        codes = range(1, _LAST_CODE)
        pairs = (
            (self._text("cuGetErrorString", c), self._text("cuGetErrorName", c)) for c in codes
        )
        return {text: name for text, name in pairs if text and name}

    def _text(self, function: str, code: int) -> str:
        text = ctypes.c_char_p()
        getattr(self._library, function)(code, ctypes.byref(text))
        return (text.value or b"").decode(errors="replace")

    def _made(self, function: str, stream: int) -> int:
        handle = ctypes.c_void_p()
        self._call(function, stream, ctypes.byref(handle))
        return handle.value or 0

    def _call(self, function: str, *arguments: Any) -> None:
        code = getattr(self._library, function)(*arguments)
        if code:
            name = self._text("cuGetErrorName", code) or f"CUresult {code}"
            raise driver_failure(function, name, self._text("cuGetErrorString", code))
