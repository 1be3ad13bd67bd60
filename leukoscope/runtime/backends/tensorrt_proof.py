"""The golden frames through an engine, before it is used: in every way in which it will run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle
from leukoscope.errors import GateError
from leukoscope.runtime.backends.tensorrt_execution import Infer, join
from leukoscope.runtime.engines.golden import Fault, GoldenSet, golden_set

ROUNDS = 2
"""Frames one by one, again and again: the first launch is plain, the later ones replay the CUDA graph."""


class EngineMismatchError(GateError):
    """An engine that does not give the golden outputs; `faults` name them."""

    def __init__(self, network: str, golden: GoldenSet, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(
            f"the {golden.precision} engine of {network} does not give the golden {faults[0]}",
            next_step="build it again: leukoscope build BUNDLE --rebuild, or use another --precision",
        )


def load_golden(bundle: Bundle, network: str, precision: str) -> GoldenSet:
    """The golden set of a variant; GateError where the bundle has none, as its engine cannot be proved."""
    golden = golden_set(bundle, network, precision)
    if golden is None:
        raise GateError(
            f"{bundle.root} has no golden outputs of {precision} of {network}",
            wanted="them, to prove its engine",
            next_step="export and calibrate it again with this release",
        )
    return golden


def prove_engine(network: str, golden: GoldenSet, infer: Infer, batch: int) -> None:
    """Runs the golden frames as one batch of `batch`, and one by one in ROUNDS; EngineMismatchError at the first fault."""
    repeats = -(-batch // len(golden.frames))
    tiled = GoldenSet(
        golden.precision,
        _tile(golden.frames, repeats)[:batch],
        {name: _tile(array, repeats)[:batch] for name, array in golden.outputs.items()},
    )
    _check(network, tiled, infer(tiled.frames))
    for _ in range(ROUNDS):
        singly = [infer(frame[None]) for frame in golden.frames]
        _check(network, golden, join(singly))


def _check(network: str, golden: GoldenSet, outputs: Mapping[str, NDArray[np.float32]]) -> None:
    if faults := golden.faults(outputs):
        raise EngineMismatchError(network, golden, faults)


def _tile(array: NDArray[Any], repeats: int) -> NDArray[Any]:
    return np.concatenate([array] * repeats)
