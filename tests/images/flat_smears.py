"""Smears in flat colours, quick to draw: each laboratory has its own ground and stains."""

import cv2
import numpy as np

LABORATORIES = (
    ((235, 230, 226), (205, 150, 150), (95, 45, 135)),
    ((200, 202, 196), (172, 130, 126), (98, 72, 190)),
    ((252, 240, 150), (236, 200, 120), (92, 20, 76)),
    ((240, 250, 252), (160, 180, 216), (104, 70, 212)),
)
"""Ground, red cells, nuclei."""


def flat_smear(laboratory: int, seed: int, size_px=(96, 72)) -> np.ndarray:
    """uint8 [H, W, 3]: a dozen red cells, some nuclei, a lamp and a stain that vary a little with the seed."""
    rng = np.random.default_rng([laboratory, seed])
    ground, *stains = (np.array(one, np.float64) for one in LABORATORIES[laboratory])
    image = np.full((size_px[1], size_px[0], 3), ground)
    for stain, count, radius in zip(stains, (12, 3), (7, 6), strict=True):
        colour = ground * (stain / ground) ** rng.normal(1, 0.08)
        for _ in range(count):
            at = tuple(int(rng.integers(0, side)) for side in size_px)
            cv2.circle(image, at, radius, colour.tolist(), cv2.FILLED)
    image = image * rng.normal(1, 0.01, 3) + rng.normal(0, 2, image.shape)
    return image.clip(0, 255).astype(np.uint8)
