"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599): one number that makes probabilities honest."""

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.25, 4.0


def fit_temperature(margins: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """The temperature in 0.25..4 with the least log loss of softmax(margins / temperature).

    `margins` [n, K], `truth` [n]. 1.0 where there are no rows. Golden section on the logarithm. The truth counts as
    (n + 1) / (n + 2) certain, as in Platt 1999: without an error in `truth` a plain fit would go to the sharpest
    temperature that it may, though n hits only say that errors are rarer than about one in n.
    """
    if not len(truth):
        return 1.0
    low, high, ratio = np.log(LOWEST), np.log(HIGHEST), (np.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _smoothed(margins / np.exp(left), truth) < _smoothed(margins / np.exp(right), truth):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _smoothed(margins: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Log loss against a truth of which 1 / (n + 2) is spread over the other classes."""
    logs = _log_softmax(margins)
    doubt = 1 / (len(truth) + 2)
    hit = logs[np.arange(len(truth)), truth]
    others = (logs.sum(1) - hit) / (logs.shape[1] - 1)
    return float(-((1 - doubt) * hit + doubt * others).mean())


def log_loss(margins: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Mean negative log probability of the true class."""
    return float(-_log_softmax(margins)[np.arange(len(truth)), truth].mean())


def _log_softmax(margins: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = margins - margins.max(1, keepdims=True)
    logs: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return logs
