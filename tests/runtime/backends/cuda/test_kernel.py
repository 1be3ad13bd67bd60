import numpy as np
import pytest

from leukoscope.runtime.backends.cuda.failures import DeviceError

GRID, BLOCK = (2, 3, 4), (16, 8, 1)


def test_a_launch_passes_addresses_and_scalars_in_order(device, driver):
    stream, module, memory = device.stream(), device.module(b"image"), device.memory(8)
    shared = device.mapped((4,), np.uint8)
    kernel = module.kernel("blend")
    assert driver.log[-1] == ("find_kernel", module.raw, "blend")
    kernel.launch(stream, GRID, BLOCK, [memory, np.int32(7), shared, np.float32(0.5)], 64)
    name, found, grid, block, arguments, shared_bytes, on = driver.log[-1]
    assert (name, grid, block, shared_bytes, on) == ("launch_kernel", GRID, BLOCK, 64, stream.raw)
    assert found.startswith("find_kernel")
    assert [(a.dtype.name, a) for a in arguments] == [
        ("uint64", 4096),
        ("int32", 7),
        ("uint64", 4096),
        ("float32", 0.5),
    ]


def test_a_kernel_does_not_outlive_its_module(device, driver):
    stream, module = device.stream(), device.module(b"image")
    kernel = module.kernel("blend")
    module.close()
    driver.log.clear()
    with pytest.raises(DeviceError, match="CUDA module was used after it was closed"):
        kernel.launch(stream, GRID, BLOCK, [])
    assert driver.log == []
