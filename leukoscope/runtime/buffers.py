"""Memory for pictures, used again and again, and never while somebody still looks at it.

A ring keeps blocks of memory and gives out arrays that are views of them. Every view, and every view of a view,
holds a reference to the block that it looks into (NumPy's `base`). So a block to which nobody but the ring refers
has no reader left, and none can come: a new reference can only be made from one that exists. That is the whole rule;
nothing has to be given back by hand. It does not see bare addresses (`array.ctypes.data`): who keeps one, keeps the array.
"""

import sys
from math import prod
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

DEFAULT_BLOCKS = 8
"""Of a camera: one being read, one waiting, the rest in the pipeline's stages."""
LARGEST_WASTE = 2
"""A block serves for arrays down to this part of its size, so that one large picture does not hold its memory for good."""


class BufferRing:
    """At most `blocks` blocks of memory; where all of them are held, an array is allocated as if there were no ring."""

    def __init__(self, blocks: int = DEFAULT_BLOCKS) -> None:
        self._limit = blocks
        self._blocks: list[NDArray[np.uint8]] = []
        self._lock = Lock()
        self.allocated = 0
        """How often memory was asked for since the beginning: it stands still in a stream that runs."""
        self._unheld = _references([np.empty(1, np.uint8)], 0)

    def take(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array of that shape and type, contiguous, its contents undefined, which nobody else holds; any thread may ask.

        Its memory is given to another once neither it nor any view of it is held any more.
        """
        kind = np.dtype(dtype)
        n_bytes = kind.itemsize * prod(shape)
        with self._lock:
            block = self._free_block(n_bytes)
            return block[:n_bytes].view(kind).reshape(shape)

    def _free_block(self, n_bytes: int) -> NDArray[np.uint8]:
        free = [k for k in range(len(self._blocks)) if self._is_free(k)]
        for k in free:
            if n_bytes <= self._blocks[k].size <= max(1, n_bytes) * LARGEST_WASTE:
                return self._blocks[k]
        block = np.empty(max(1, n_bytes), np.uint8)
        self.allocated += 1
        if free:
            self._blocks[free[0]] = block
        elif len(self._blocks) < self._limit:
            self._blocks.append(block)
        return block

    def _is_free(self, index: int) -> bool:
        return _references(self._blocks, index) <= self._unheld


def _references(blocks: list[NDArray[np.uint8]], index: int) -> int:
    """How many hold the block, the asking included: compared only with what this function gave for an unheld one."""
    return sys.getrefcount(blocks[index])
