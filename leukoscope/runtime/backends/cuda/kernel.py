"""Kernels of our own: modules from PTX or cubin bytes, and their launch."""

from collections.abc import Sequence

import numpy as np

from leukoscope.runtime.backends.cuda.driver import Handle, Size
from leukoscope.runtime.backends.cuda.memory import Addressed
from leukoscope.runtime.backends.cuda.resource import Owner, Resource
from leukoscope.runtime.backends.cuda.stream import Stream


class Kernel:
    """One function of a module; it lives as long as the module."""

    def __init__(self, module: "Module", name: str) -> None:
        self._module = module
        self._function: Handle = module.owner.driver.find_kernel(module.raw, name)

    def launch(
        self,
        stream: Stream,
        grid: Size,
        block: Size,
        arguments: Sequence[Addressed | np.generic],
        shared_bytes: int = 0,
    ) -> None:
        """Puts the kernel on `stream`: `grid` blocks of `block` threads.

        `arguments` in the order of the C signature: memory for pointers, NumPy scalars of the
        parameter's exact type (`np.int32(7)`, `np.float32(0.4)`) for the rest.
        """
        values = [a if isinstance(a, np.generic) else np.uint64(a.address) for a in arguments]
        self._module.raw  # noqa: B018  raises where the module is closed or the thread is another
        driver = self._module.owner.driver
        driver.launch_kernel(self._function, grid, block, values, shared_bytes, stream.raw)


class Module(Resource):
    """A loaded image. Raises DeviceError where it does not suit the device."""

    what = "CUDA module"

    def __init__(self, owner: Owner, image: bytes) -> None:
        super().__init__(owner, owner.driver.load_module(image), owner.driver.unload_module)

    def kernel(self, name: str) -> Kernel:
        """The kernel `name`, as `extern "C"` names it. Raises DeviceError where there is none."""
        return Kernel(self, name)
