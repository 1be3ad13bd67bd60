"""The two stains of a picture, estimated from its own pixels (Macenko et al. 2009, ISBI, 'A method for normalizing histology slides')."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.opencv import cv2

Stains = tuple[tuple[float, float, float], tuple[float, float, float]]

GIEMSA: Stains = (
    (0.834750, 0.513556, 0.196330),
    (0.092789, 0.954111, 0.283111),
)
"""Optical densities of azure B / methylene blue and of eosin in R, G, B (Ruifrok and Johnston 2001, Giemsa)."""

SIDE_PX = 96
"""Of the reduced copy that is looked at."""
LEAST_DENSITY = 0.12
LEAST_SHARE = 0.02
"""Of pixels denser than LEAST_DENSITY; below it a picture shows too little stain to estimate from."""
LEAST_ANGLE = np.radians(12.0)
OUTER_PER_CENT = 2.0


def stains_of(image: NDArray[np.uint8]) -> Stains:
    """uint8 [H, W, 3] RGB -> unit vectors of azure and eosin in optical density, azure being the one that absorbs more red.

    The plane of the two greatest variances of density over what the ground lets through; in it the outermost
    directions. `GIEMSA` where the picture shows too little stain, or but one.
    """
    density = _stained_densities(image)
    if density is None:
        return GIEMSA
    _, axes = np.linalg.eigh(np.cov(density.T))
    plane = axes[:, [2, 1]]
    plane = plane * np.where(plane.sum(0) < 0, -1.0, 1.0)
    across = density @ plane
    angles = np.arctan2(across[:, 1], across[:, 0])
    low, high = np.percentile(angles, [OUTER_PER_CENT, 100 - OUTER_PER_CENT])
    if high - low < LEAST_ANGLE:
        return GIEMSA
    pair = [plane @ np.array([np.cos(angle), np.sin(angle)]) for angle in (low, high)]
    if any(vector.min() < -0.3 for vector in pair):
        return GIEMSA
    azure, eosin = sorted(pair, key=lambda vector: -float(vector[0] / np.linalg.norm(vector)))
    return _unit(azure), _unit(eosin)


def _stained_densities(image: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """[n, 3] of the pixels that hold stain, over the brightest decile of the picture; None where they are few."""
    height, width = image.shape[:2]
    scale = min(1.0, SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float64)
    ground = np.percentile(small, 90, axis=0)
    density = -np.log10((small + 1) / (ground + 1))
    density = density[density.max(1) > LEAST_DENSITY]
    enough = len(density) >= max(16, LEAST_SHARE * len(small))
    return density if enough else None


def _unit(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in vector / np.linalg.norm(vector))
    return red, green, blue
