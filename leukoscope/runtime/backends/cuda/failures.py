"""What a CUDA driver's refusal becomes: one line that names the call and says what to do."""

from leukoscope.errors import MachineError

DOCTOR = "run: leukoscope doctor"
_MEMORY = (
    "free memory on the device (nvidia-smi, on a Jetson tegrastats, shows who holds it), "
    "or run a smaller batch or variant"
)
_NO_DEVICE = "check that nvidia-smi lists the device and that CUDA_VISIBLE_DEVICES does not hide it"
_DRIVER = "update NVIDIA's driver (on a Jetson: JetPack), restart, then: leukoscope doctor"
_IMAGE = "the kernel was built for another device or a newer driver; update NVIDIA's driver"
_LOST = "the device dropped all its work; start again, and if it repeats: leukoscope doctor"
_CAPTURE = "this work cannot be recorded as a CUDA graph; run it without one"

_ADVICE = {
    "CUDA_ERROR_OUT_OF_MEMORY": _MEMORY,
    "CUDA_ERROR_NO_DEVICE": _NO_DEVICE,
    "CUDA_ERROR_INVALID_DEVICE": _NO_DEVICE,
    "CUDA_ERROR_DEVICE_UNAVAILABLE": "close the program that holds the device for itself alone",
    "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH": _DRIVER,
    "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE": _DRIVER,
    "CUDA_ERROR_SYSTEM_NOT_READY": _DRIVER,
    "CUDA_ERROR_STUB_LIBRARY": _DRIVER,
    "CUDA_ERROR_NO_BINARY_FOR_GPU": _IMAGE,
    "CUDA_ERROR_INVALID_IMAGE": _IMAGE,
    "CUDA_ERROR_INVALID_PTX": _IMAGE,
    "CUDA_ERROR_UNSUPPORTED_PTX_VERSION": _IMAGE,
    "CUDA_ERROR_ILLEGAL_ADDRESS": _LOST,
    "CUDA_ERROR_LAUNCH_FAILED": _LOST,
    "CUDA_ERROR_LAUNCH_TIMEOUT": _LOST,
    "CUDA_ERROR_ILLEGAL_INSTRUCTION": _LOST,
    "CUDA_ERROR_MISALIGNED_ADDRESS": _LOST,
    "CUDA_ERROR_HARDWARE_STACK_ERROR": _LOST,
    "CUDA_ERROR_ECC_UNCORRECTABLE": "the device's memory is faulty; nvidia-smi -q -d ECC tells more",
}


class DeviceError(MachineError):
    """A call to the CUDA driver failed, or its result was used where it must not be."""

    def __init__(
        self, found: str, *, call: str = "", code: str = "", next_step: str = DOCTOR
    ) -> None:
        self.call, self.code = call, code
        super().__init__(found, next_step=next_step)


class OutOfMemory(DeviceError):  # noqa: N818  the field's term
    """The device has not enough free memory: the one failure that a smaller batch can mend."""


class CaptureError(DeviceError):
    """The work cannot be recorded as a CUDA graph; it can still run without one."""


def driver_failure(call: str, code: str, description: str = "") -> DeviceError:
    """The error for `call` (`cuMemAlloc`) that returned `code` (`CUDA_ERROR_OUT_OF_MEMORY`)."""
    found = f"the CUDA driver's {call} failed: {description or 'no description'} ({code})"
    if code == "CUDA_ERROR_OUT_OF_MEMORY":
        return OutOfMemory(found, call=call, code=code, next_step=_MEMORY)
    if "_STREAM_CAPTURE_" in code or code == "CUDA_ERROR_CAPTURED_EVENT":
        return CaptureError(found, call=call, code=code, next_step=_CAPTURE)
    return DeviceError(found, call=call, code=code, next_step=_ADVICE.get(code, DOCTOR))


def missing_function(call: str, reason: str) -> DeviceError:
    """The error where the driver is older than the binding, which looks its functions up by name."""
    return DeviceError(
        f"the CUDA driver has no {call} of the kind that the Python binding calls ({reason})",
        call=call,
        next_step="update NVIDIA's driver, or install the cuda-python of the driver's CUDA version",
    )
