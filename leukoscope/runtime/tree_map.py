"""A map of what the trees decide: their features' parts of a margin, laid where the features come from.

Trees have no gradient, so Grad-CAM can only explain the head. But each feature k is the mean of a non-negative
map A_k, and a walk through the trees says what it adds to a class's margin, phi_k. So

    map(y, x) = sum_k  phi_k * A_k(y, x) / sum(A_k)

adds up to sum_k phi_k, the margin less its bias. A feature whose map is zero decides too, by being absent, but
has no place: its phi_k is spread evenly, and the share of such parts is reported.

(Path attribution after Saabas; the spreading over maps is our choice, akin to LIFT-CAM, arXiv 2102.05228.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.errors import InputError
from leukoscope.runtime.field import Reading, TreeMaps

FEATURE_MAPS = "feature_maps"


@dataclass(frozen=True, eq=False)
class MapTrees:
    """Draws the maps of `blob`, whose classes come in the order of `classes`."""

    blob: TreeBlob
    classes: tuple[str, ...]

    def __call__(self, reading: Reading) -> TreeMaps:
        """The maps by the reading's classes, of the margins before the voter's temperature.

        InputError where the graph gives no feature maps, or none that the trees' features are means of.
        """
        features = np.ascontiguousarray(reading.arrays["features"][None], dtype=np.float32)
        parts = self._by_class(self.blob.contributions(features)[0, :, :-1])
        order = [self.classes.index(name) for name in reading.classes]
        return spread(parts[order], _feature_maps(reading, self.blob.features))

    def _by_class(self, parts: NDArray[np.float32]) -> NDArray[np.float32]:
        """[outputs, F] -> [classes, F]: a logistic margin is the second class's, its negative the first's."""
        return np.concatenate((-parts, parts)) if self.blob.objective == "logistic" else parts


def spread(parts: NDArray[np.floating], feature_maps: NDArray[np.floating]) -> TreeMaps:
    """Parts phi [K, F] over non-negative maps [F, h, w] in proportion to their values, in float64.

    Each map adds up to the sum of its parts; an even share is 0 where all parts are zero.
    """
    phi = parts.astype(np.float64)
    planes = feature_maps.astype(np.float64).reshape(len(feature_maps), -1)
    totals = planes.sum(axis=1)
    placed = totals > 0
    laid = phi[:, placed] @ (planes[placed] / totals[placed, None])
    even = phi[:, ~placed].sum(axis=1, keepdims=True) / planes.shape[1]
    size, homeless = np.abs(phi).sum(axis=1), np.abs(phi[:, ~placed]).sum(axis=1)
    shares = np.divide(homeless, size, out=np.zeros_like(size), where=size > 0)
    maps = (laid + even).reshape(len(phi), *feature_maps.shape[1:])
    return TreeMaps(maps.astype(np.float32), shares.astype(np.float32))


def _feature_maps(reading: Reading, features: int) -> NDArray[np.float32]:
    maps = reading.arrays.get(FEATURE_MAPS)
    if maps is None:
        raise InputError(
            f"the graph gives no {FEATURE_MAPS}, over which --explain trees spreads what the trees decide",
            next_step="export the bundle again, or give --explain gradcam",
        )
    if maps.ndim != 3 or len(maps) != features or not maps.size:
        raise InputError(
            f"the graph gives {FEATURE_MAPS} {list(maps.shape)}", wanted=f"[{features}, h, w]"
        )
    if not (np.isfinite(maps) & (maps >= 0)).all():
        raise InputError(
            f"the graph gives {FEATURE_MAPS} that are not finite and non-negative",
            next_step="give --explain gradcam",
        )
    return maps
