"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599): one number that makes probabilities honest."""

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.25, 4.0


def fit_temperature(margins: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """The temperature in 0.25..4 with the least log loss of softmax(margins / temperature).

    `margins` [n, K], `truth` [n]. 1.0 where there are no rows. Golden section on the logarithm.
    """
    if not len(truth):
        return 1.0
    low, high, ratio = np.log(LOWEST), np.log(HIGHEST), (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if log_loss(margins / np.exp(left), truth) < log_loss(margins / np.exp(right), truth):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def log_loss(margins: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Mean negative log probability of the true class."""
    shifted = margins - margins.max(1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return float(-logs[np.arange(len(truth)), truth].mean())
