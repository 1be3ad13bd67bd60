import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.backends.cuda.failures import (
    CaptureError,
    DeviceError,
    OutOfMemory,
    driver_failure,
)


def test_a_failure_names_the_call_the_code_and_the_next_step():
    error = driver_failure("cuStreamCreate", "CUDA_ERROR_UNKNOWN", "unknown error")
    assert str(error) == (
        "the CUDA driver's cuStreamCreate failed: unknown error (CUDA_ERROR_UNKNOWN); "
        "run: leukoscope doctor"
    )
    assert (error.call, error.code) == ("cuStreamCreate", "CUDA_ERROR_UNKNOWN")
    assert isinstance(error, MachineError)
    assert error.exit_code == 4


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("CUDA_ERROR_OUT_OF_MEMORY", OutOfMemory, "tegrastats"),
        ("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", CaptureError, "without one"),
        ("CUDA_ERROR_CAPTURED_EVENT", CaptureError, "without one"),
        ("CUDA_ERROR_NO_DEVICE", DeviceError, "CUDA_VISIBLE_DEVICES"),
        ("CUDA_ERROR_NO_BINARY_FOR_GPU", DeviceError, "update NVIDIA's driver"),
        ("CUDA_ERROR_LAUNCH_FAILED", DeviceError, "start again"),
        ("CUDA_ERROR_ECC_UNCORRECTABLE", DeviceError, "ECC"),
        ("CUresult 12345", DeviceError, "doctor"),
    ],
)
def test_codes_become_classes_and_advice(code, kind, words):
    error = driver_failure("cuCall", code)
    assert type(error) is kind
    assert words in error.next_step
    assert code in str(error)
