"""What stain and light do to a field's colours, in eleven numbers that hardly depend on how many cells it shows.

    vector = measure_colours(pixels)                    # float64 [11], None where nothing is stained
    statistics = gather([pixels, ...])                  # ColourStatistics of many fields, None where they are few
    statistics.distance(vector)                         # Mahalanobis

docs/colours.md defines the numbers and says what they were measured to see.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.colour_statistics import MIN_FIELDS, ColourStatistics, statistics_of
from leukoscope.images.opencv import cv2

NAMES = (
    "ground_density_r",
    "ground_density_g",
    "ground_density_b",
    "middle_direction_r",
    "middle_direction_g",
    "middle_direction_b",
    "dense_direction_r",
    "dense_direction_g",
    "dense_direction_b",
    "middle_density_log",
    "dense_density_log",
)
"""What `measure_colours` gives, in order."""
SIDE_PX = 96
"""Of the reduced copy that is looked at: stain and light, not single pixels."""
SAMPLES = 2
"""A large field is read sparsely, but at least SAMPLES squared of its pixels make one of the copy."""
GROUND_PERCENTILE = 90
"""Of each channel: what the empty ground lets through."""
LEAST_DENSITY = 0.12
"""A pixel whose channels are all less dense than this over the ground is not stained."""
DENSE_PERCENTILE = 90
"""Of the stained pixels' densities: nuclei where there are some, else red cells."""
LEAST_STAINED = 16
LEAST_LENGTH = 1e-3


def measure_colours(pixels: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """A field [H, W, 3] RGB -> [11] as `NAMES` names them; None where too few pixels are stained.

    Optical density is -log10, of the ground over white, of a stained pixel over the ground. `middle` is the median of
    the stained pixels in each channel, `dense` their 90th percentile; each as the direction and the log of the length
    of its vector of densities (our choice).
    """
    levels = _reduced(pixels).reshape(-1, 3)
    ground = _percentile(levels, GROUND_PERCENTILE)
    tables = -np.log10((np.arange(256)[:, None] + 1) / (ground + 1))
    density = np.stack([tables[:, channel][levels[:, channel]] for channel in range(3)], axis=1)
    stained = density[density.max(axis=1) > LEAST_DENSITY]
    if len(stained) < LEAST_STAINED:
        return None
    middle, dense = _percentile(stained, 50), _percentile(stained, DENSE_PERCENTILE)
    lengths = [max(float(np.linalg.norm(one)), LEAST_LENGTH) for one in (middle, dense)]
    return np.concatenate(
        [-np.log10((ground + 1) / 256), middle / lengths[0], dense / lengths[1], np.log(lengths)]
    )


def gather(fields: Iterable[NDArray[np.uint8]]) -> ColourStatistics | None:
    """The statistics of these fields, each [H, W, 3] RGB; None for fewer than MIN_FIELDS that are stained."""
    vectors = [vector for one in fields if (vector := measure_colours(one)) is not None]
    return statistics_of(np.stack(vectors)) if len(vectors) >= MIN_FIELDS else None


def _reduced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    factor = min(1.0, SIDE_PX / max(height, width))
    if factor == 1.0:
        return pixels
    stride = max(1, int(1 / (factor * SAMPLES)))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    sparse = np.ascontiguousarray(pixels[::stride, ::stride])
    return np.asarray(cv2.resize(sparse, size, interpolation=cv2.INTER_AREA), np.uint8)


def _percentile(values: NDArray[Any], percentile: float) -> NDArray[np.float64]:
    """[3] of values [n, 3], the nearest below: no sorting of all of them."""
    place = int((len(values) - 1) * percentile / 100)
    return np.asarray(np.partition(values, place, axis=0)[place], np.float64)
