"""The proof that a blob is the model: margins and probabilities against XGBoost's own, on rows made to find differences."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree
from leukoscope.errors import GateError, InputError
from leukoscope.export.tree_child import Limits, read_margins

F32 = NDArray[np.float32]
PROBABILITY_TOLERANCE_ULP = 2.0
NAN_SHARE, INFINITE_SHARE, THRESHOLD_SHARE = 0.2, 0.01, 0.5


@dataclass(frozen=True)
class TreeParity:
    """Errors over `rows`: of margins max|a-b| / max|b| and the share of equal bits; of probabilities in ulp.

    `probability_ulp` is None where XGBoost gives no probabilities at this temperature: softmax, or not 1.
    """

    rows: int
    max_error: float
    tolerance: float
    bit_equal_share: float
    probability_ulp: float | None
    probability_tolerance_ulp: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def prove(
    blob: TreeBlob, trees: Sequence[Tree], model: Path, *, rows: int, seed: int, limits: Limits
) -> TreeParity:
    """Compares the blob with XGBoost in the child process; GateError unless margins are equal bit for bit."""
    x = searching_rows(trees, blob.features, rows, np.random.default_rng(seed))
    parity = compare(blob, x, read_margins(model, x, limits))
    if parity.bit_equal_share < 1 or (parity.probability_ulp or 0) > PROBABILITY_TOLERANCE_ULP:
        raise GateError(
            f"{model}: the trees differ from XGBoost's by {parity.max_error:g}, {parity.probability_ulp} ulp",
            wanted=f"equal margins, probabilities within {PROBABILITY_TOLERANCE_ULP:g} ulp",
        )
    return parity


def searching_rows(
    trees: Sequence[Tree], features: int, rows: int, random: np.random.Generator
) -> F32:
    """Rows [n, F]: values around the thresholds, thresholds themselves and one ulp beside them, NaN, infinities."""
    x = random.normal(size=(rows, features)).astype(np.float32)
    for feature, values in _values_by_feature(trees).items():
        near = np.concatenate([values, *(np.nextafter(values, side) for side in (-np.inf, np.inf))])
        chosen = random.choice(near.astype(np.float32), rows)
        between = random.normal(values.mean(), values.std() + 1e-3, rows).astype(np.float32)
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
    return TreeParity(
        rows=len(x),
        max_error=error / greatest,
        tolerance=0.0,
        bit_equal_share=float((ours.view(np.uint32) == margins.view(np.uint32)).mean()),
        probability_ulp=_probability_ulp(blob, margins, theirs["values"]),
        probability_tolerance_ulp=PROBABILITY_TOLERANCE_ULP,
    )


def _probability_ulp(blob: TreeBlob, margins: F32, values: F32) -> float | None:
    """From the same margins, so that only the last step is compared; it is the same for every kind of model."""
    if blob.temperature != 1.0 or blob.objective == "softmax":
        return None
    ours = blob.from_margins(margins)
    return ulp_distance(ours[:, 1:] if blob.objective == "logistic" else ours, values)
