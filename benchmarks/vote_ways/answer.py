"""What every way gives for one frame."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""[S, S, 3] RGB at the network's input size."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The trees' vote, and the map of the class that was voted."""

    voted: int
    probabilities: NDArray[np.float32]
    """[K], of the trees."""
    heat: NDArray[np.float32]
    """[S, S], 0 to 1, as pytorch-grad-cam gives it."""


AnswerWay = Callable[[Frame], Answer]


def heat_of(grid: NDArray[np.float32], side_px: int) -> NDArray[np.float32]:
    """A map [h, w] as pytorch-grad-cam shows it [S, S]: from its least to its greatest, enlarged, and once more.

    Of its `scale_cam_image` and `aggregate_multi_layers` (1.5.7), so that all ways do the same work.
    """
    return _stretched(cv2.resize(_stretched(grid), (side_px, side_px)))


def _stretched(values: NDArray[np.float32]) -> NDArray[np.float32]:
    lowered = values - values.min()
    return (lowered / (1e-7 + lowered.max())).astype(np.float32, copy=False)
