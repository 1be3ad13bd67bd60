"""The heat map at the network's input size: by one kernel on the device, or by the processor, to the same pixels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Contract, placement_of, to_field
from leukoscope.runtime.backends.cuda.device import Device
from leukoscope.runtime.backends.cuda.memory import Addressed
from leukoscope.runtime.backends.cuda.stream import Stream
from leukoscope.runtime.sinks.heat import CLEAR_BELOW, STRONGEST, blend, colours

SOURCE = Path(__file__).with_name("heat.cu")
KERNEL = "draw_heat"
BLOCK_PX = (32, 8, 1)


def enlarge(grid: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """A class's map [h, w] at the network's input size [S, S]; its greatest value is what `high` is."""
    whole = placement_of((side_px, side_px), Contract(side_px))
    return to_field(grid, whole)


def draw_on_host(
    square: NDArray[np.uint8], grid: NDArray[np.float32], high: float
) -> NDArray[np.uint8]:
    """The square [S, S, 3] under the map [h, w] of one class, `high` shown as the strongest heat."""
    heat = enlarge(grid, len(square))
    heat = np.clip(heat / np.float32(high), 0, 1) if high > 0 else np.zeros_like(heat)
    return blend(square, heat)


class HeatKernel:
    """The kernel, loaded from the image that `compile_for` made for this device; the device gives all of it back.

    Its pixels are those of `draw_on_host` within one grey level, but for a pixel whose heat lies on the edge between
    two of the 256 colours: the last bit of the interpolation decides there, and it may have the neighbour's colour.
    """

    def __init__(self, device: Device, image: bytes) -> None:
        self._kernel = device.module(image).kernel(KERNEL)
        table = colours(np.linspace(0, 1, 256, dtype=np.float32)[None])[0]
        self._table = device.memory(table.nbytes)
        self._fill_table(device, table)

    def draw(
        self,
        stream: Stream,
        picture: Addressed,
        frames: Addressed,
        maps: Addressed,
        *,
        frame: int,
        plane: int,
        side_px: int,
        grid: tuple[int, int],
        high: float,
    ) -> None:
        """Puts the drawing of one frame on `stream`.

        `picture` and `frames` hold uint8 [B, S, S, 3], `maps` float32 [B * K, h, w], all on the device; map `plane` is
        drawn over frame `frame`. `grid`: h, w.
        """
        counts = [np.int32(value) for value in (frame, plane, side_px, *grid)]
        looks = [np.float32(v) for v in (high, CLEAR_BELOW, 1 - CLEAR_BELOW, STRONGEST)]
        across, down = (-(-side_px // size) for size in BLOCK_PX[:2])
        arguments = [picture, frames, maps, self._table, *counts, *looks]
        self._kernel.launch(stream, (across, down, 1), BLOCK_PX, arguments)

    def _fill_table(self, device: Device, table: NDArray[np.uint8]) -> None:
        with device.stream() as stream, device.pinned(table.shape, np.uint8) as host:
            host.array[:] = table
            stream.copy_in(self._table, host)
            stream.synchronize()
