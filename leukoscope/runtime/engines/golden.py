"""Whether an engine gives what the bundle's golden outputs say: asked after a build and at every load.

Each output is compared as a whole and value by value. The tolerances are our choice (docs/build.md): several times what
ONNX Runtime's own ways of computing the same file differ by, and far below what a wrong engine gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.read import Bundle

LEAST_SCALE = 1e-6
CLEAR_LEAD = 0.1
"""A frame's class counts where the golden probabilities' first leads the second by more."""
PROBABILITIES = "probabilities"


@dataclass(frozen=True)
class Tolerance:
    """How far an output may be from the golden one."""

    worst: float
    """Greatest difference of one value, as a share of the output's own greatest value."""
    whole: float
    """Root mean square of the differences, as a share of that of the golden output."""


TOLERANCES: Mapping[str, Tolerance] = {
    "fp32": Tolerance(0.05, 0.02),
    "fp16": Tolerance(0.05, 0.02),
    "int8": Tolerance(0.30, 0.10),
    "int8_fp16": Tolerance(0.30, 0.10),
}
"""By variant; one that is not listed has those of fp32."""


@dataclass(frozen=True)
class Fault:
    """An output that is not the golden one."""

    output: str
    reason: str

    def __str__(self) -> str:
        return f"{self.output}: {self.reason}"


@dataclass(frozen=True, eq=False)
class GoldenSet:
    """Frames uint8 [B, S, S, 3] and the outputs that one variant must give for them, by name."""

    precision: str
    frames: NDArray[np.uint8]
    outputs: Mapping[str, NDArray[np.float32]]

    def faults(self, outputs: Mapping[str, NDArray[np.float32]]) -> tuple[Fault, ...]:
        """What is wrong with `outputs`, an engine's for the frames; () where nothing is."""
        return compare(outputs, self.outputs, self.precision)


def golden_set(bundle: Bundle, network: str, precision: str) -> GoldenSet | None:
    """The golden frames and outputs of a variant; None where the bundle has none."""
    arrays = bundle.golden() or {}
    frames = arrays.get(f"{network}/frames")
    start = f"{network}/{precision}/"
    outputs = {key.removeprefix(start): a for key, a in arrays.items() if key.startswith(start)}
    return GoldenSet(precision, frames, outputs) if frames is not None and outputs else None


def compare(
    outputs: Mapping[str, NDArray[np.float32]],
    golden: Mapping[str, NDArray[np.float32]],
    precision: str,
) -> tuple[Fault, ...]:
    """The golden outputs that `outputs` miss: absent, of another shape, not finite, or beyond the tolerance.

    Where one frame's class is another, that is a fault whatever the tolerance. Outputs that are not golden are
    not looked at.
    """
    tolerance = TOLERANCES.get(precision, TOLERANCES["fp32"])
    found = (
        (name, _reason(name, outputs.get(name), wanted, tolerance))
        for name, wanted in golden.items()
    )
    return tuple(Fault(name, reason) for name, reason in found if reason)


def _reason(
    name: str,
    got: NDArray[np.float32] | None,
    wanted: NDArray[np.float32],
    tolerance: Tolerance,
) -> str:
    """Why `got` is not `wanted`; '' where it is."""
    if got is None:
        return "is missing"
    if got.shape != wanted.shape:
        return f"has the shape {list(got.shape)}, not {list(wanted.shape)}"
    if not np.isfinite(got).all():
        return "has values that are not finite"
    if name == PROBABILITIES and (row := _other_class(got, wanted)) is not None:
        return f"names another class for golden frame {row}"
    return _distance(got, wanted, tolerance)


def _distance(got: NDArray[np.float32], wanted: NDArray[np.float32], tolerance: Tolerance) -> str:
    worst, whole = _differences(got, wanted)
    if worst > tolerance.worst:
        return f"differs by {worst:.3g} of its greatest value, {tolerance.worst:g} is allowed"
    if whole > tolerance.whole:
        return f"differs by {whole:.3g} as a whole, {tolerance.whole:g} is allowed"
    return ""


def _differences(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> tuple[float, float]:
    """(worst, whole) of Tolerance. In float64: the square of a large half would overflow."""
    if not wanted.size:
        return 0.0, 0.0
    gap = np.abs(got.astype(np.float64) - wanted)
    greatest = max(float(np.abs(wanted).max()), LEAST_SCALE)
    power = max(float(np.sqrt(np.square(wanted, dtype=np.float64).mean())), LEAST_SCALE)
    return float(gap.max()) / greatest, float(np.sqrt(np.square(gap).mean())) / power


def _other_class(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> int | None:
    """The first frame whose class differs and was clear; None where there is none, or one class only."""
    if wanted.ndim != 2 or wanted.shape[1] < 2:
        return None
    first_two = np.sort(wanted, axis=1)[:, -2:]
    clear = first_two[:, 1] - first_two[:, 0] > CLEAR_LEAD
    wrong = np.flatnonzero(clear & (got.argmax(axis=1) != wanted.argmax(axis=1)))
    return int(wrong[0]) if wrong.size else None
