"""The one seam between the runtime and what runs a graph."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Backend(Protocol):
    """One graph in one precision, ready to run."""

    name: str
    """As `--backend` and the reports name it: `onnxruntime-cpu`, `onnxruntime-cuda`."""
    precision: str
    """The variant that it runs: `fp32`, `fp16`, `int8`, `int8_fp16`."""

    def infer(self, frames: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """`frames` [B, S, S, 3] RGB, any B -> the graph's outputs by name, float32, first axis B.

        Raises InputError where the graph fails on them.
        """
        ...
