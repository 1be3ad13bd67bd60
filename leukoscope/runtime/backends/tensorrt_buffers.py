"""The memory of one batch in flight: made once, for the greatest batch, and used again for every batch."""

from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.memory import Addressed, PinnedArray
from leukoscope.runtime.backends.cuda.stream import Stream
from leukoscope.runtime.backends.tensorrt_bindings import Bindings, Tensor


class Buffers:
    """Host and device memory of every tensor, for up to `batch` frames.

    Where the device shares its memory with the processor both are the same: mapped arrays, and no copies.
    `owner` gives all of it back.
    """

    def __init__(self, device: Device, owner: ExitStack, bindings: Bindings, batch: int) -> None:
        self.bindings, self.batch = bindings, batch
        self.copies = not device.facts.integrated
        self._host: dict[str, PinnedArray] = {}
        self._device: dict[str, Addressed] = {}
        for tensor in (bindings.frames, *bindings.outputs):
            self._make(device, owner, tensor)

    def address(self, name: str) -> int:
        """Where the engine finds a tensor."""
        return self._device[name].address

    def on_device(self, name: str) -> Addressed:
        """A tensor as kernels take it."""
        return self._device[name]

    def put(self, frames: NDArray[np.uint8]) -> None:
        """Writes frames [B, S, S, 3] where the upload reads them."""
        self._host[self.bindings.frames.name].array[: len(frames)] = frames

    def upload(self, stream: Stream, batch: int) -> None:
        """Puts the copy to the device on `stream`; nothing where memory is shared."""
        if self.copies:
            frames = self.bindings.frames
            target, source = self._device[frames.name], self._host[frames.name]
            stream.copy_in(target, source, frames.size_bytes(batch))

    def download(self, stream: Stream, batch: int) -> None:
        """Puts the copies of all outputs on `stream`; nothing where memory is shared."""
        if self.copies:
            for tensor in self.bindings.outputs:
                source, target = self._device[tensor.name], self._host[tensor.name]
                stream.copy_out(target, source, tensor.size_bytes(batch))

    def frames(self, batch: int) -> NDArray[np.uint8]:
        """A copy of the frames that were put there last."""
        return np.array(self._host[self.bindings.frames.name].array[:batch])

    def take(self, batch: int) -> dict[str, NDArray[np.float32]]:
        """Copies of the outputs as float32, once the download has been waited for."""
        outputs = self.bindings.outputs
        return {t.name: self._host[t.name].array[:batch].astype(np.float32) for t in outputs}

    def _make(self, device: Device, owner: ExitStack, tensor: Tensor) -> None:
        shape, size_bytes = tensor.shape(self.batch), tensor.size_bytes(self.batch)
        if not self.copies:
            both = owner.enter_context(device.mapped(shape, tensor.dtype))
            self._host[tensor.name] = self._device[tensor.name] = both
            return
        self._host[tensor.name] = owner.enter_context(device.pinned(shape, tensor.dtype))
        self._device[tensor.name] = owner.enter_context(device.memory(size_bytes))
