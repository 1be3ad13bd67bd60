"""The same picture under another lamp, exposure or stain: fixed shifts, so that figures can be compared."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.training.pictures import Image

SHIFTS: dict[str, tuple[float, tuple[float, float, float]]] = {
    "darker": (1.0, (0.8, 0.8, 0.8)),
    "brighter": (1.0, (1.2, 1.2, 1.2)),
    "warmer": (1.0, (1.1, 1.0, 0.85)),
    "cooler": (1.0, (0.88, 1.0, 1.1)),
    "paler stain": (0.7, (1.0, 1.0, 1.0)),
    "deeper stain": (1.35, (1.0, 1.0, 1.0)),
}
"""Factor on the optical density, then on the light in R, G, B. About one to two of the training's deviations (our choice)."""


def shifted(image: Image, name: str) -> Image:
    """uint8 [H, W, 3] -> the same under the shift `name`; what was pure white padding is shifted too."""
    density, light = SHIFTS[name]
    table = np.arange(256, dtype=np.float64)[:, None] / 255
    table = np.clip(table**density * np.array(light), 0, 1) * 255
    levels: NDArray[np.uint8] = table.round().astype(np.uint8)
    return np.take_along_axis(levels, image.reshape(-1, 3), axis=0).reshape(image.shape)
