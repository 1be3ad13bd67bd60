"""What it means when TensorRT returns nothing: our error, with what its log said."""

from leukoscope.runtime.backends.cuda.failures import DeviceError, OutOfMemory
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import Heard

_MEMORY_WORDS = ("out of memory", "outofmemory", "out_of_memory", "cudaerrormemoryallocation")
_REBUILD = "build it again on this device: leukoscope build BUNDLE --rebuild"
_LESS = "close what else uses the device, or build for a smaller batch: leukoscope build BUNDLE --batch 1"


def refusal(library: Library, call: str, what: str, heard: Heard) -> DeviceError:
    """The error for `call` (`execute_async_v3`) that did not do `what`; OutOfMemory where the log says so."""
    said = " ".join((heard.errors[0] if heard.errors else "it does not say why").split())[:300]
    found = f"{library.title} {what} ({call}): {said}"
    if any(word in text.lower() for text in heard.errors for word in _MEMORY_WORDS):
        return OutOfMemory(found, call=call, next_step=_LESS)
    return DeviceError(found, call=call, next_step=_REBUILD)
