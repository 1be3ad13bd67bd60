"""Images that differ: stain statistics of an image, and the choice of those that lie farthest from each other."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

FEATURES = (
    "density_mean_r",
    "density_mean_g",
    "density_mean_b",
    "density_std_r",
    "density_std_g",
    "density_std_b",
    "ground_share",
    "size_log2_px",
)
"""What `stain_features` gives, in order."""
SIDE_PX = 128
"""Of the reduced copy that is looked at; our choice: stain and light, not single pixels."""
GROUND_PERCENTILE = 90
LEAST_DENSITY = 0.12
"""A pixel whose channels are all less dense than this over the brightest decile is ground (our choice)."""
BLANK_LEVELS = 1.0


def stain_features(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """uint8 [H, W, 3] RGB -> [8] as `FEATURES` names them: what a calibration set should vary in (our choice).

    Optical density is -log10((level + 1) / 256) a channel, 0 to 2.4; the share of ground is 0 to 1; the size is
    log2 of the square root of the area.
    """
    small = _reduced(pixels).reshape(-1, 3).astype(np.float64)
    density = -np.log10((small + 1) / 256)
    ground = np.percentile(density, 100 - GROUND_PERCENTILE, axis=0)
    share = np.mean((density - ground < LEAST_DENSITY).all(axis=1))
    size = np.log2(pixels.shape[0] * pixels.shape[1]) / 2
    return np.concatenate([density.mean(axis=0), density.std(axis=0), [share, size]])


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether an image shows nothing: no channel of its reduced copy varies by a grey level (standard deviation)."""
    return bool(_reduced(pixels).reshape(-1, 3).astype(np.float64).std(axis=0).max() < BLANK_LEVELS)


def standardised(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, D] with mean 0 and standard deviation 1 in each column; a column without spread becomes 0."""
    centred = features - features.mean(axis=0)
    spread = centred.std(axis=0)
    return np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0.0)


def farthest_points(points: NDArray[np.float64], count: int) -> list[int]:
    """Indices of `count` of the points [n, D], in the order in which they are taken: greedy k-centre.

    First the point nearest to the mean, then always the one that is farthest from all taken (Gonzalez 1985,
    'Clustering to minimize the maximum intercluster distance': the radius is at most twice the best). Ties go to the
    lower index. All of them where `count` is n or more.
    """
    taken: list[int] = []
    if not len(points) or count < 1:
        return taken
    taken.append(int(_distances(points, points.mean(axis=0)).argmin()))
    nearest = _distances(points, points[taken[0]])
    while len(taken) < min(count, len(points)):
        nearest[taken[-1]] = -1.0
        taken.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, _distances(points, points[taken[-1]]))
    return taken


def equal_shares(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of each label to take, at most `total` in all: equal shares as far as a label has images.

    What a small label leaves goes to the others; a remainder goes to the labels with most images, then by name.
    """
    shares = dict.fromkeys(counts, 0)
    left = min(total, sum(counts.values()))
    while left:
        open_labels = [label for label in counts if shares[label] < counts[label]]
        open_labels.sort(key=lambda label: (-counts[label], label))
        for label in open_labels[:left]:
            step = min(max(1, left // len(open_labels)), counts[label] - shares[label])
            shares[label] += step
        left = min(total, sum(counts.values())) - sum(shares.values())
    return shares


def _distances(points: NDArray[np.float64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n] squared."""
    squares: NDArray[np.float64] = ((points - to) ** 2).sum(axis=1)
    return squares


def _reduced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = SIDE_PX / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
