"""The proof that a blob is the model: margins and probabilities against XGBoost's own, on rows made to find differences."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree
from leukoscope.bundle.tree_kernel import find_kernel
from leukoscope.errors import GateError, InputError
from leukoscope.export.tree_child import Limits, read_margins

F32 = NDArray[np.float32]
ULP_WITHOUT_KERNEL = 2.0
"""NumPy's exponential is not the C library's; with the kernel probabilities are XGBoost's own bits."""
ITEMS_AT_ONCE = 1 << 25
"""Of rows times features in one run of the child: 128 MB."""
NAN_SHARE, INFINITE_SHARE, THRESHOLD_SHARE = 0.2, 0.01, 0.5


@dataclass(frozen=True)
class TreeParity:
    """Errors over `rows`: of margins max|a-b| / max|b| and the share of equal bits; of probabilities in ulp.

    Probabilities are held to XGBoost's softmax (or logistic function) of its margins / temperature. `walk` is what
    was proved: `kernel` or `numpy`, as this machine has it.
    """

    rows: int
    max_error: float
    tolerance: float
    bit_equal_share: float
    probability_ulp: float
    probability_tolerance_ulp: float
    walk: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def prove(
    blob: TreeBlob, trees: Sequence[Tree], model: Path, *, rows: int, seed: int, limits: Limits
) -> TreeParity:
    """Compares the blob with XGBoost in the child process; GateError unless margins are equal bit for bit."""
    random = np.random.default_rng(seed)
    step = max(1, ITEMS_AT_ONCE // blob.features)
    parts = []
    for start in range(0, rows, step):
        x = searching_rows(trees, blob.features, min(step, rows - start), random)
        parts.append(compare(blob, x, read_margins(model, x, limits, blob.temperature)))
    parity = together(parts)
    if parity.bit_equal_share < 1 or parity.probability_ulp > parity.probability_tolerance_ulp:
        raise GateError(
            f"{model}: the trees differ from XGBoost's by {parity.max_error:g}, {parity.probability_ulp} ulp",
            wanted=f"equal margins, probabilities within {parity.probability_tolerance_ulp:g} ulp",
        )
    return parity


def together(parts: Sequence[TreeParity]) -> TreeParity:
    """One proof from those of several parts of the rows."""
    rows = sum(part.rows for part in parts)
    return replace(
        parts[0],
        rows=rows,
        max_error=max(part.max_error for part in parts),
        bit_equal_share=sum(part.bit_equal_share * part.rows for part in parts) / rows,
        probability_ulp=max(part.probability_ulp for part in parts),
    )


def searching_rows(
    trees: Sequence[Tree], features: int, rows: int, random: np.random.Generator
) -> F32:
    """Rows [n, F]: values around the thresholds, thresholds themselves and one ulp beside them, NaN, infinities."""
    x = random.normal(size=(rows, features)).astype(np.float32)
    for feature, values in _values_by_feature(trees).items():
        near = np.concatenate([values, *(np.nextafter(values, side) for side in (-np.inf, np.inf))])
        chosen = random.choice(near.astype(np.float32), rows)
        wide = values.astype(np.float64)  # squares of large thresholds overflow in float32
        with np.errstate(over="ignore"):
            between = random.normal(wide.mean(), wide.std() + 1e-3, rows).astype(np.float32)
        x[:, feature] = np.where(random.random(rows) < THRESHOLD_SHARE, chosen, between)
    kind = random.random(x.shape)
    x[kind < NAN_SHARE] = np.nan
    infinite = (kind >= NAN_SHARE) & (kind < NAN_SHARE + INFINITE_SHARE)
    x[infinite] = random.choice(np.array([-np.inf, np.inf], np.float32), int(infinite.sum()))
    return x


def ulp_distance(a: F32, b: F32) -> float:
    """The greatest distance in units of the last place, of non-negative float32 arrays of one shape."""
    codes = (np.ascontiguousarray(v, np.float32).view(np.int32).astype(np.int64) for v in (a, b))
    first, second = codes
    return float(np.abs(first - second).max(initial=0))


def _values_by_feature(trees: Sequence[Tree]) -> dict[int, F32]:
    """Thresholds by feature; for categorical splits the categories, with some unknown and odd ones."""
    found: dict[int, list[float]] = {}
    for tree in trees:
        for node in np.flatnonzero(tree.left):
            categories = tree.categories.get(int(node))
            values = (
                [float(tree.value[node])] if categories is None else [*categories, -1, 0.5, 2**24]
            )
            found.setdefault(int(tree.feature[node]), []).extend(values)
    return {feature: np.array(sorted(set(v)), np.float32) for feature, v in found.items()}


def compare(blob: TreeBlob, x: F32, theirs: Mapping[str, NDArray[Any]]) -> TreeParity:
    """The blob's margins and probabilities for rows [n, F] against XGBoost's `margins` and `values`."""
    ours, margins = blob.margins(x), np.asarray(theirs["margins"], np.float32)
    if ours.shape != margins.shape:
        raise InputError(f"XGBoost gives margins {margins.shape}", wanted=str(ours.shape))
    greatest = float(np.abs(margins).max(initial=0)) or 1.0
    error = float(np.abs(ours.astype(np.float64) - margins).max(initial=0))
    kernel = find_kernel() is not None
    return TreeParity(
        rows=len(x),
        max_error=error / greatest,
        tolerance=0.0,
        bit_equal_share=float((ours.view(np.uint32) == margins.view(np.uint32)).mean()),
        probability_ulp=_probability_ulp(blob, x, theirs["values"]),
        probability_tolerance_ulp=0.0 if kernel else ULP_WITHOUT_KERNEL,
        walk="kernel" if kernel else "numpy",
    )


def _probability_ulp(blob: TreeBlob, x: F32, values: F32) -> float:
    ours = blob.probabilities(x)
    return ulp_distance(ours[:, 1:] if blob.objective == "logistic" else ours, values)
