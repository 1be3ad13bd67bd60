"""The heat map over the frames that an engine has just judged, drawn from what is on the device still."""

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import MachineError, UsageError
from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.memory import Addressed, PinnedArray
from leukoscope.runtime.backends.cuda.stream import Stream
from leukoscope.runtime.backends.kernels.compile import compile_for
from leukoscope.runtime.backends.kernels.heat import SOURCE, HeatKernel, draw_on_host
from leukoscope.runtime.backends.tensorrt_bindings import FRAMES, Bindings
from leukoscope.runtime.backends.tensorrt_buffers import Buffers

CAMS = "cams"


class Overlay:
    """Draws up to `batch` frames at the network's input size; `owner` gives back what that takes.

    Where the kernel cannot be compiled, the processor draws the same pixels.
    """

    def __init__(self, device: Device, owner: ExitStack, bindings: Bindings, batch: int) -> None:
        self._bindings = bindings
        self._side = bindings.frames.sides[0]
        self._classes, *self._grid = next(t.sides for t in bindings.outputs if t.name == CAMS)
        self._kernel = _load(device)
        self._copies = not device.facts.integrated
        self._host, self._picture = self._make(device, owner, batch)

    def draw(
        self, stream: Stream, buffers: Buffers, classes: Sequence[int], highs: Sequence[float]
    ) -> NDArray[np.uint8]:
        """[B, S, S, 3]: frame i under its map of class `classes[i]`, on which `highs[i]` is the strongest heat."""
        if not all(0 <= index < self._classes for index in classes):
            raise UsageError(f"maps of classes {list(classes)}", wanted=f"0 to {self._classes - 1}")
        if self._kernel is None:
            return self._by_processor(buffers, classes, highs)
        for frame, (index, high) in enumerate(zip(classes, highs, strict=True)):
            self._kernel.draw(
                stream,
                self._picture,
                buffers.on_device(FRAMES),
                buffers.on_device(CAMS),
                frame=frame,
                plane=frame * self._classes + index,
                side_px=self._side,
                grid=(self._grid[0], self._grid[1]),
                high=high,
            )
        if self._copies:
            size_bytes = self._bindings.frames.size_bytes(len(classes))
            stream.copy_out(self._host, self._picture, size_bytes)
        stream.synchronize()
        return np.array(self._host.array[: len(classes)])

    def _make(self, device: Device, owner: ExitStack, batch: int) -> tuple[PinnedArray, Addressed]:
        """The picture where the processor reads it, and where the kernel writes it."""
        shape = self._bindings.frames.shape(batch)
        if not self._copies:
            both = owner.enter_context(device.mapped(shape, np.uint8))
            return both, both
        host = owner.enter_context(device.pinned(shape, np.uint8))
        return host, owner.enter_context(device.memory(host.size_bytes))

    def _by_processor(
        self, buffers: Buffers, classes: Sequence[int], highs: Sequence[float]
    ) -> NDArray[np.uint8]:
        maps = buffers.take(len(classes))[CAMS]
        frames = buffers.frames(len(classes))
        drawn = [
            draw_on_host(frame, one[index], high)
            for frame, one, index, high in zip(frames, maps, classes, highs, strict=True)
        ]
        return np.stack(drawn)


def _load(device: Device) -> HeatKernel | None:
    try:
        return HeatKernel(device, compile_for(SOURCE, device.facts.compute_capability))
    except MachineError:
        return None  # a compiler is missing, or does not know the device
