"""Shapes of nuclei: each function gives outlines about the origin for a cell of radius 1."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from leukoscope.images.painter.outline import Outline, closed, dented, thick_line, wavy_radii

TAU = 2 * np.pi


def round_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Round and regular: haematogone, early blast, nucleated red cell."""
    radii = wavy_radii(rng, 0.02 + ragged)
    return [closed(radii, 1.0, rng.uniform(1.0, 1.12), rng.uniform(0, TAU))]


def notched_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Round, now and then with a shallow notch or a flat side: lymphocyte, blast."""
    radii = wavy_radii(rng, 0.025 + ragged)
    if rng.random() < 0.5:
        radii = dented(radii, 0.5 * np.pi, rng.uniform(0.05, 0.28), rng.uniform(0.2, 0.6))
    return [closed(radii, 1.0, rng.uniform(1.0, 1.2), rng.uniform(0, TAU))]


def oval_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Oval, now and then flattened or dented on one side: immature granulocyte."""
    radii = wavy_radii(rng, 0.02 + ragged)
    radii = dented(radii, rng.choice([0.5, 1.5]) * np.pi, rng.uniform(0.0, 0.3), 0.8)
    return [closed(radii, 1.0, rng.uniform(1.15, 1.45), rng.uniform(0, TAU))]


def kidney_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Kidney or horseshoe, broad ends: monocyte."""
    radii = wavy_radii(rng, 0.03 + ragged)
    radii = dented(radii, np.pi / 2, rng.uniform(0.5, 0.9), rng.uniform(0.25, 0.55))
    return [closed(radii, 1.0, rng.uniform(1.05, 1.3), rng.uniform(0, TAU))]


def cleft_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Irregular, cut by one to three narrow clefts: late blast."""
    radii = wavy_radii(rng, 0.07 + ragged)
    start = rng.uniform(0, TAU)
    for k in range(int(rng.integers(1, 4))):
        at = start + k * TAU / 3 + rng.normal(0, 0.4)
        radii = dented(radii, at, rng.uniform(0.25, 0.55), rng.uniform(0.14, 0.26))
    return [closed(radii, 1.0, rng.uniform(1.0, 1.3), rng.uniform(0, TAU))]


def _on_arc(rng: np.random.Generator, count: int, span: float, reach: float) -> Outline:
    angles = rng.uniform(0, TAU) + np.linspace(-span / 2, span / 2, count)
    angles = angles + rng.normal(0, 0.08, count)
    distances = reach * rng.uniform(0.8, 1.15, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * distances[:, None]


def _strands(middles: Outline, width: float) -> list[Outline]:
    """Straight strands of half-width `width` from each middle to the next."""
    strands: list[Outline] = []
    for a, b in pairwise(middles):
        x, y = (b - a) / np.hypot(*(b - a)) * width
        side = np.array([-y, x])
        strands.append(np.stack([a + side, b + side, b - side, a - side]))
    return strands


def lobed_nucleus(rng: np.random.Generator, lobes: int, strand: float) -> list[Outline]:
    """`lobes` lobes along an arc, joined by strands of half-width `strand`."""
    span = {2: 2.4, 3: 3.6, 4: 4.6, 5: 5.2}[lobes] * rng.uniform(0.8, 1.1)
    middles = _on_arc(rng, lobes, span, 0.62)
    size = {2: 0.52, 3: 0.42, 4: 0.36, 5: 0.32}[lobes]
    outlines = _strands(middles, strand)
    for middle in middles:
        lobe = closed(
            wavy_radii(rng, 0.05), size * rng.uniform(0.82, 1.15), rng.uniform(1, 1.4),
            float(np.arctan2(middle[1], middle[0])) + np.pi / 2 + rng.normal(0, 0.4),
        )  # fmt: skip
        outlines.append(lobe + middle)
    return outlines


def segmented_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Two to five lobes, or a band: neutrophil."""
    if rng.random() < 0.2:
        return band_nucleus(rng, ragged)
    lobes = int(rng.choice([2, 3, 4, 5], p=[0.15, 0.45, 0.3, 0.1]))
    return lobed_nucleus(rng, lobes, rng.uniform(0.05, 0.14))


def band_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """A bent band of uneven width: band neutrophil."""
    steps = 16
    angles = rng.uniform(0, TAU) + np.linspace(0, rng.uniform(3.0, 4.4), steps)
    line = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.52, 0.62)
    swell = 1 + 0.18 * np.cos(np.linspace(0, rng.uniform(6, 12), steps) + rng.uniform(0, TAU))
    return thick_line(line, 0.27 * swell)


def two_lobed_nucleus(rng: np.random.Generator, ragged: float) -> list[Outline]:
    """Two round lobes, seldom three: eosinophil."""
    lobes = 3 if rng.random() < 0.2 else 2
    return lobed_nucleus(rng, lobes, rng.uniform(0.06, 0.22))


NUCLEI: dict[str, Callable[[np.random.Generator, float], list[Outline]]] = {
    "round": round_nucleus,
    "notched": notched_nucleus,
    "oval": oval_nucleus,
    "kidney": kidney_nucleus,
    "cleft": cleft_nucleus,
    "segmented": segmented_nucleus,
    "two-lobed": two_lobed_nucleus,
}

FILLS_THE_CELL = frozenset({"round", "notched", "oval", "kidney", "cleft"})
"""One simple outline, scaled to the wanted share of the cell; the others keep their own size."""
