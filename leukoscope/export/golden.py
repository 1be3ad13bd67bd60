"""Golden outputs: what a graph gives for two painted frames, so that every engine can be held to it on its device."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.export.frames import GOLDEN_SEED, painted_frames
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

FRAMES = 2


def golden_arrays(
    network: str, contract: Contract, graph: bytes, variant: str = "fp32"
) -> dict[str, NDArray[Any]]:
    """The members of golden.npz for one graph: `NETWORK/frames` and `NETWORK/VARIANT/OUTPUT`.

    The outputs are those of ONNX Runtime on this machine's CPU.
    """
    frames = painted_frames(network, contract, FRAMES, GOLDEN_SEED)
    backend = open_onnxruntime(graph, f"{network}.{variant}.onnx", variant, backend=CPU)
    outputs = backend.infer(frames)
    named = {f"{network}/{variant}/{name}": np.asarray(a) for name, a in outputs.items()}
    return {f"{network}/frames": frames, **named}
