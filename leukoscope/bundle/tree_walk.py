"""Walking checked trees in NumPy: all rows and all trees a level at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_layout import (
    CATEGORICAL,
    CATEGORY_LIMIT,
    DEFAULT_LEFT,
    FEATURE_MASK,
    Header,
)

F32 = NDArray[np.float32]
Index = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]


def leaf_values(header: Header, arrays: Arrays, x: F32) -> F32:
    """Rows [n, F] -> the leaf that each reaches in each tree, float32 [n, T]."""
    at = _start(header, arrays, len(x))
    for _ in range(header.depth):
        at = _step(header, arrays, x, at)
    return _values(header, arrays, at)


def accumulate(header: Header, arrays: Arrays, leaves: F32) -> F32:
    """Leaves [n, T] -> margins [n, K]: from the base score, tree by tree, in float32, as XGBoost adds."""
    margins = np.empty((len(leaves), header.outputs), np.float32)
    for output, base in enumerate(arrays["base_score"]):
        mine = leaves[:, arrays["output_of_tree"] == output]
        terms = np.concatenate((np.full((len(leaves), 1), base, np.float32), mine), axis=1)
        # np.sum adds in pairs; accumulate adds one after the other.
        margins[:, output] = np.add.accumulate(terms, axis=1, dtype=np.float32)[:, -1]
    return margins


def to_probabilities(header: Header, margins: F32) -> F32:
    """Margins [n, K] -> probabilities [n, classes], within 2 ulp of XGBoost at temperature 1."""
    scaled = margins / np.float32(header.temperature)
    if header.objective == 1:
        # XGBoost's sigmoid: the argument is capped so that the exponential stays finite.
        one = 1 / (1 + _exp(np.minimum(-scaled, np.float32(88.7))))
        return np.concatenate((1 - one, one), axis=1).astype(np.float32)
    powers = _exp(scaled - scaled.max(axis=1, keepdims=True))
    total = powers.sum(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    return np.asarray(powers / total, np.float32)


def contributions(header: Header, arrays: Arrays, x: F32) -> F32:
    """Rows [n, F] -> path attributions [n, K, F + 1], the bias last (Saabas; XGBoost's approx_contribs)."""
    width = header.features + 1
    out = np.zeros((len(x), header.outputs, width), np.float64)
    out[:, :, -1] = arrays["base_score"]
    output = arrays["output_of_tree"].astype(np.int64)[None, :]
    first = (np.arange(len(x))[:, None] * header.outputs + output) * width
    at = _start(header, arrays, len(x))
    mean = _means(header, arrays, at, 0)
    np.add.at(out.reshape(-1), first + header.features, mean)
    for depth in range(header.depth):
        feature = _feature(header, arrays, at, depth)
        at = _step(header, arrays, x, at)
        after = _means(header, arrays, at, depth + 1)
        np.add.at(out.reshape(-1), first + feature, after - mean)
        mean = after
    return out.astype(np.float32)


def _start(header: Header, arrays: Arrays, rows: int) -> Index:
    """Positions [n, T]: in the perfect layout within a tree, in the node layout within all nodes."""
    roots = (
        np.zeros(header.trees, np.int64) if header.layout == 1 else arrays["roots"].astype(np.int64)
    )
    return np.broadcast_to(roots, (rows, header.trees))


def _step(header: Header, arrays: Arrays, x: F32, at: Index) -> Index:
    return _perfect_step(header, arrays, x, at) if header.layout == 1 else _node_step(arrays, x, at)


def _perfect_step(header: Header, arrays: Arrays, x: F32, at: Index) -> Index:
    splits = arrays["splits"][at + _tree_starts(header)]
    value = np.take_along_axis(x, (splits["feature"] & FEATURE_MASK).astype(np.int64), axis=1)
    left = (value < splits["threshold"]) | (np.isnan(value) & _default_left(splits["feature"]))
    return np.asarray(2 * at + 2 - left, np.int64)


def _node_step(arrays: Arrays, x: F32, at: Index) -> Index:
    nodes = arrays["splits"][at]
    value = np.take_along_axis(x, (nodes["feature"] & FEATURE_MASK).astype(np.int64), axis=1)
    left = value < nodes["value"]
    categorical = (nodes["feature"] & CATEGORICAL) != 0
    if categorical.any():
        named = np.ascontiguousarray(nodes["value"]).view(np.uint32)
        left[categorical] = ~_in_set(arrays["sets"], named[categorical], value[categorical])
    missing = np.isnan(value)
    left[missing] = _default_left(nodes["feature"])[missing]
    child = nodes["child"].astype(np.int64)
    return np.where(child == 0, at, child + 1 - left)


def _in_set(sets: NDArray[Any], named: NDArray[Any], value: F32) -> NDArray[np.bool_]:
    """True where the category of `value` is in the bit set `named`; out of range is in none."""
    width = sets.shape[1] * 32
    known = (value >= 0) & (value < min(CATEGORY_LIMIT, width))
    category = np.where(known, value, 0).astype(np.int64)
    word = sets[named.astype(np.int64), category >> 5]
    bit = (word >> (category & 31).astype(np.uint32)) & 1
    return np.asarray(known & (bit == 1))


def _values(header: Header, arrays: Arrays, at: Index) -> F32:
    if header.layout == 2:
        return np.asarray(arrays["splits"]["value"][at], np.float32)
    first = (1 << header.depth) - 1
    starts = np.arange(header.trees, dtype=np.int64) << header.depth
    return np.asarray(arrays["leaves"][at - first + starts], np.float32)


def _means(header: Header, arrays: Arrays, at: Index, depth: int) -> F32:
    if header.layout == 1 and depth == header.depth:
        return _values(header, arrays, at)
    starts = _tree_starts(header) if header.layout == 1 else 0
    return np.asarray(arrays["means"][at + starts], np.float32)


def _feature(header: Header, arrays: Arrays, at: Index, depth: int) -> Index:
    starts = _tree_starts(header) if header.layout == 1 else 0
    words = arrays["splits"]["feature"][at + starts]
    return np.asarray(words & FEATURE_MASK, np.int64)


def _tree_starts(header: Header) -> Index:
    return np.arange(header.trees, dtype=np.int64) * ((1 << header.depth) - 1)


def _default_left(feature: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((feature & DEFAULT_LEFT) != 0)


def _exp(values: F32) -> F32:
    """float32 exponential by way of double: nearly always the correctly rounded one, as the C library's."""
    return np.exp(values.astype(np.float64)).astype(np.float32)
