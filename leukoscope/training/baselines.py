"""What colour alone achieves: the floor below which an accuracy on stained smears means nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leukoscope.training.pictures import Picture


def colour_baselines(fitted: Sequence[Picture], held: Sequence[Picture]) -> dict[str, float]:
    """Accuracy on `held` of the nearest neighbour in `fitted`, by mean colour, and by mean and spread of channels."""
    fitted = [picture for picture in fitted if picture.target]
    held = [picture for picture in held if picture.target]
    if not fitted or not held:
        return {}
    means, spreads = _colours(fitted)
    asked_means, asked_spreads = _colours(held)
    both, asked_both = np.hstack([means, spreads]), np.hstack([asked_means, asked_spreads])
    return {
        "nearest_mean_colour": _nearest_accuracy(fitted, held, means, asked_means),
        "nearest_mean_and_spread": _nearest_accuracy(fitted, held, both, asked_both),
    }


def _colours(pictures: Sequence[Picture]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pixels = [picture.levels[0].reshape(-1, 3) for picture in pictures]
    return np.stack([p.mean(0) for p in pixels]), np.stack([p.std(0) for p in pixels])


def _nearest_accuracy(
    fitted: Sequence[Picture],
    held: Sequence[Picture],
    known: NDArray[np.float64],
    asked: NDArray[np.float64],
) -> float:
    found = [fitted[int(((known - one) ** 2).sum(1).argmin())].target for one in asked]
    hits = [answer == picture.target for answer, picture in zip(found, held, strict=True)]
    return round(float(np.mean(hits)), 4)
