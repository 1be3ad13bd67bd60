"""What an engine takes and gives: names, types, shapes and batch sizes, as TensorRT's own objects tell them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.runtime.engines.library import Library

FRAMES = "frames"
_AGAIN = "build the engine again: leukoscope build BUNDLE --rebuild"


@dataclass(frozen=True)
class Tensor:
    """One input or output: the sides of one frame, without the batch."""

    name: str
    dtype: np.dtype[Any]
    sides: tuple[int, ...]

    def shape(self, batch: int) -> tuple[int, ...]:
        """With the batch in front."""
        return (batch, *self.sides)

    def size_bytes(self, batch: int) -> int:
        """Of `batch` frames."""
        return prod(self.shape(batch)) * self.dtype.itemsize


@dataclass(frozen=True)
class Bindings:
    """`frames` uint8 [B, S, S, 3] and the outputs, float32 or half, each [B, ...]; B is `least` to `greatest`."""

    frames: Tensor
    outputs: tuple[Tensor, ...]
    least: int
    greatest: int

    def check(self, frames: NDArray[np.uint8], file: str) -> None:
        """InputError unless `frames` are what the engine takes, in any batch size."""
        found = f"{file} fails on frames {list(frames.shape)} {frames.dtype}"
        wanted = f"uint8 [B, {', '.join(map(str, self.frames.sides))}]"
        if frames.dtype != np.uint8 or frames.shape[1:] != self.frames.sides or not frames.ndim:
            raise InputError(found, wanted=wanted)

    def nothing(self) -> dict[str, NDArray[np.float32]]:
        """The outputs of a batch of no frames."""
        return {t.name: np.zeros(t.shape(0), np.float32) for t in self.outputs}


def read_bindings(library: Library, engine: Any, context: Any, file: str) -> Bindings:
    """Reads them, output shapes from `context` at the greatest batch; profile 0 is the one that is used.

    Raises InputError for an engine that is not one of ours: other inputs, other types, sides that are not fixed.
    """
    trt = library.module
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    inputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT]
    if inputs != [FRAMES]:
        raise InputError(
            f"the engine of {file} takes {', '.join(inputs) or 'nothing'}",
            wanted=FRAMES,
            next_step=_AGAIN,
        )
    least, _, most = (tuple(one) for one in engine.get_tensor_profile_shape(FRAMES, 0))
    context.set_input_shape(FRAMES, most)
    tensors = {
        name: Tensor(name, _dtype(library, engine.get_tensor_dtype(name), name, file), sides)
        for name, sides in _sides(context, names, most[0], file)
    }
    frames = tensors.pop(FRAMES)
    return Bindings(frames, tuple(tensors.values()), least[0], most[0])


def _sides(
    context: Any, names: list[str], batch: int, file: str
) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name in names:
        shape = tuple(context.get_tensor_shape(name))
        if not shape or shape[0] != batch or min(shape) < 1:
            raise InputError(
                f"the engine of {file} has {name} {list(shape)} for a batch of {batch}",
                wanted="the batch first, and every side fixed",
                next_step=_AGAIN,
            )
        yield name, shape[1:]


def _dtype(library: Library, found: Any, name: str, file: str) -> np.dtype[Any]:
    trt = library.module
    known = {
        trt.DataType.UINT8: np.uint8,
        trt.DataType.FLOAT: np.float32,
        trt.DataType.HALF: np.float16,
    }
    wanted = (trt.DataType.UINT8,) if name == FRAMES else (trt.DataType.FLOAT, trt.DataType.HALF)
    if found not in wanted:
        raise InputError(
            f"the engine of {file} has {name} of type {found}",
            wanted=" or ".join(str(one) for one in wanted),
            next_step=_AGAIN,
        )
    return np.dtype(known[found])
