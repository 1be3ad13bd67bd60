"""Device memory, and page-locked host memory as NumPy arrays."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from leukoscope.errors import UsageError
from leukoscope.runtime.backends.cuda.resource import Owner, Resource


class Addressed(Protocol):
    """Memory that the device can reach: `DeviceMemory` or `MappedArray`."""

    @property
    def address(self) -> int:
        """As TensorRT's `set_tensor_address` and kernels take it. Raises DeviceError after `close`."""
        ...

    @property
    def size_bytes(self) -> int: ...


class DeviceMemory(Resource):
    """A block of device memory; its content is undefined until it is written."""

    what = "device memory"

    def __init__(self, owner: Owner, size_bytes: int) -> None:
        super().__init__(owner, owner.driver.allocate(size_bytes), owner.driver.free)
        self.size_bytes = size_bytes

    @property
    def address(self) -> int:
        """See `Addressed.address`."""
        return self.owner.driver.address(self.raw)


class PinnedArray(Resource):
    """Page-locked host memory, which the device copies without the processor's help."""

    what = "pinned array"
    mapped = False

    def __init__(self, owner: Owner, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.size_bytes = int(np.prod(shape, dtype=np.int64)) * self.dtype.itemsize
        driver = owner.driver
        block = driver.allocate_host(self.size_bytes, mapped=self.mapped)
        super().__init__(owner, block, driver.free_host)

    @property
    def array(self) -> NDArray[Any]:
        """A view [`shape`] of `dtype` on the memory itself; never keep it beyond `close`.

        Reading it before the copy that fills it is synchronised reads the past.
        """
        return self.bytes().view(self.dtype).reshape(self.shape)

    def bytes(self, size_bytes: int | None = None) -> NDArray[np.uint8]:
        """The first `size_bytes` (default: all) as a flat view."""
        flat = self.owner.driver.host_bytes(self.raw)
        return flat[: within(self, size_bytes)]


class MappedArray(PinnedArray):
    """Pinned host memory with a device address: where memory is shared, input and output need no copy."""

    what = "mapped array"
    mapped = True

    @property
    def address(self) -> int:
        """See `Addressed.address`."""
        return self.owner.driver.mapped_address(self.raw)


def within(memory: Addressed | PinnedArray, size_bytes: int | None) -> int:
    """`size_bytes`, by default all of `memory`; raises UsageError where it is more than there is."""
    if size_bytes is None:
        return memory.size_bytes
    if not 0 <= size_bytes <= memory.size_bytes:
        raise UsageError(
            f"{size_bytes} bytes do not fit", wanted=f"at most {memory.size_bytes} bytes"
        )
    return size_bytes
