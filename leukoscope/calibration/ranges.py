"""What values a graph's tensors take on the calibration set, and the range that each method makes of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from leukoscope.calibration.qdq import GREATEST
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

BINS = 2048
PERCENTILE = 99.99
NEVER_SEEN = 1.0
"""Range of a tensor that is zero on the whole calibration set."""


@dataclass(frozen=True, eq=False)
class Observed:
    """Absolute values of some tensors over a set of squares."""

    greatest: Mapping[str, float]
    counts: Mapping[str, NDArray[np.int64]]
    """[2048] of equal width from 0 to the greatest value."""


def observe(
    model: onnx.ModelProto,
    tensors: Collection[str],
    squares: NDArray[np.uint8],
    threads: int | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> Observed:
    """Runs the float model over squares [N, S, S, 3] twice: for the greatest values, then for the counts below them."""
    greatest = greatest_of(model, tensors, squares, threads, progress)
    backend = _open(model, tensors, threads)
    counts = {name: np.zeros(BINS, np.int64) for name in tensors}
    for square in progress.track(squares, "histograms"):
        arrays = backend.infer(square[None])
        for name in tensors:
            counts[name] += _counts(arrays[name], greatest[name])
    return Observed(greatest, counts)


def greatest_of(
    model: onnx.ModelProto,
    tensors: Collection[str],
    squares: NDArray[np.uint8],
    threads: int | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> dict[str, float]:
    """The greatest absolute value of each tensor over squares [N, S, S, 3]; 0 where there are none."""
    backend = _open(model, tensors, threads)
    greatest = dict.fromkeys(tensors, 0.0)
    for square in progress.track(squares, "ranges"):
        arrays = backend.infer(square[None])
        for name in tensors:
            greatest[name] = max(greatest[name], float(np.abs(arrays[name]).max()))
    return greatest


def ranges_by(method: str, observed: Observed) -> dict[str, float]:
    """The greatest absolute value that INT8 shall hold, by tensor; `method` is a key of METHODS."""
    choose = METHODS[method]
    return {
        name: choose(observed.counts[name], greatest) if greatest > 0 else NEVER_SEEN
        for name, greatest in observed.greatest.items()
    }


def rounding_noise(counts: NDArray[np.int64], greatest: float, bound: float) -> float:
    """Mean squared error over mean square when values in these bins are rounded to INT8 that ends at `bound`.

    Within the range the error is that of rounding, step^2 / 12; beyond it, the distance to the bound.
    """
    values = _middles(greatest)
    step = bound / GREATEST
    error = np.where(values <= bound, step * step / 12, (values - bound) ** 2)
    power = float((counts * values**2).sum())
    return float((counts * error).sum()) / power if power else 0.0


def min_max(counts: NDArray[np.int64], greatest: float) -> float:
    """All that was seen is held."""
    return greatest


def percentile(counts: NDArray[np.int64], greatest: float) -> float:
    """What 99.99 % of the values stay below (our choice)."""
    return _bound_below(counts, greatest, PERCENTILE / 100)


def least_error(counts: NDArray[np.int64], greatest: float) -> float:
    """The bound of least squared error, rounding and clipping together."""
    bounds = greatest * np.arange(20, 101) / 100
    return float(min(bounds, key=lambda bound: rounding_noise(counts, greatest, float(bound))))


def entropy(counts: NDArray[np.int64], greatest: float) -> float:
    """The bound whose INT8 histogram diverges least from the float one (Kullback-Leibler; Migacz, GTC 2017).

    Zeros are left out, as a rectifier makes any number of them.
    """
    seen = counts.copy()
    seen[0] = 0
    if not seen.any():
        return greatest
    ends = range(GREATEST + 1, BINS + 1, 16)
    best = min(ends, key=lambda end: _divergence(seen, end))
    return greatest * best / BINS


METHODS: Mapping[str, Callable[[NDArray[np.int64], float], float]] = {
    "min-max": min_max,
    "percentile": percentile,
    "least-error": least_error,
    "entropy": entropy,
}


def _divergence(counts: NDArray[np.int64], end: int) -> float:
    reference = counts[:end].astype(np.float64)
    reference[-1] += counts[end:].sum()
    member = np.arange(end) * (GREATEST + 1) // end
    filled = counts[:end] > 0
    sums = np.bincount(member, counts[:end], GREATEST + 1)
    places = np.bincount(member, filled, GREATEST + 1)
    spread = np.divide(sums, places, out=np.zeros_like(sums), where=places > 0)[member] * filled
    p, q = reference / reference.sum(), spread / max(spread.sum(), 1e-12)
    both = (p > 0) & (q > 0)
    lost = float(p[(p > 0) & (q == 0)].sum())
    # What the range cuts off has no counterpart: it weighs as if the counterpart were as good as nought.
    return float((p[both] * np.log(p[both] / q[both])).sum()) + lost * float(np.log(1e12))


def _bound_below(counts: NDArray[np.int64], greatest: float, share: float) -> float:
    total = np.cumsum(counts)
    at = int(np.searchsorted(total, share * total[-1]))
    return greatest * min(at + 1, BINS) / BINS


def _counts(values: NDArray[np.float32], greatest: float) -> NDArray[np.int64]:
    if greatest <= 0:
        return np.zeros(BINS, np.int64)
    places = np.abs(values.ravel()) * np.float32(BINS / greatest)
    return np.bincount(np.minimum(places.astype(np.int32), BINS - 1), minlength=BINS)


def _middles(greatest: float) -> NDArray[np.float64]:
    return np.linspace(0.0, greatest, BINS, endpoint=False) + greatest / BINS / 2


def _open(model: onnx.ModelProto, tensors: Collection[str], threads: int | None) -> Backend:
    watched = _with_outputs(model, tensors)
    return open_onnxruntime(watched, "the float graph", "fp32", backend=CPU, threads=threads)


def _with_outputs(model: onnx.ModelProto, tensors: Collection[str]) -> bytes:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    there_are = {value.name for value in copy.graph.output}
    added: Sequence[str] = [name for name in tensors if name not in there_are]
    copy.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in added
    )
    data: bytes = copy.SerializeToString()
    return data
