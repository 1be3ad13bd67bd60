"""From the nodes that the child process read to `Tree`s: numbered level by level, with means, every index checked."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_build import Tree
from leukoscope.errors import InputError
from leukoscope.export.tree_child import Arrays

Index = NDArray[np.int64]


def trees_of(arrays: Arrays, name: str) -> list[Tree]:
    """The child's arrays -> trees in order. InputError, naming the model, for links that make no tree."""
    outputs = arrays["outputs"]
    parts = list(_split(arrays))
    if len(parts) != len(outputs):
        raise InputError(f"{name}: {len(parts)} trees for {len(outputs)} outputs")
    return [_tree(part, int(output), name) for part, output in zip(parts, outputs, strict=True)]


def _split(arrays: Arrays) -> Iterator[Arrays]:
    """The nodes of one tree after the other."""
    ends, category_end = np.cumsum(arrays["sizes"]), 0
    for end, size in zip(ends, arrays["sizes"], strict=True):
        rows = slice(int(end - size), int(end))
        part = {
            key: values[rows]
            for key, values in arrays.items()
            if key not in ("sizes", "outputs", "category_list", "facts")
        }
        counts = np.maximum(part["category_counts"], 0)
        part["category_list"] = arrays["category_list"][category_end : category_end + counts.sum()]
        category_end += int(counts.sum())
        yield part


def _tree(part: Arrays, output: int, name: str) -> Tree:
    order = _by_level(part["cleft"].astype(np.int64), part["cright"].astype(np.int64), name)
    split = part["cleft"][order] >= 0
    left = np.zeros(len(order), np.int64)
    left[split] = 1 + 2 * np.arange(split.sum())
    value = np.where(split, part["threshold"][order], part["leaf_value"][order]).astype(np.float32)
    return Tree(
        output=output,
        left=left,
        feature=np.where(split, part["split_index"][order], 0).astype(np.int64),
        default_left=part["default_left"][order].astype(bool),
        value=value,
        mean=_means(left, value, part["sum_hess"][order].astype(np.float32)),
        categories=_categories(part, order),
    )


def _by_level(left: Index, right: Index, name: str) -> Index:
    """The nodes that the root leads to, level by level, siblings side by side; pruned nodes drop out."""
    order = [np.zeros(1, np.int64)]
    count = 1
    while True:
        level = order[-1][left[order[-1]] >= 0]
        if not len(level):
            return np.concatenate(order)
        below = np.stack((left[level], right[level]), axis=1).reshape(-1)
        count += len(below)
        if count > len(left) or below.min() < 1 or below.max() >= len(left):
            raise InputError(f"{name} is no sound XGBoost model: its nodes form no tree")
        order.append(below)


def _means(
    left: Index, value: NDArray[np.float32], cover: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cover-weighted means in float32, from the leaves up, as XGBoost's approximate contributions take them.

    Where no cover is known the two sides weigh the same (our choice).
    """
    mean = np.where(left > 0, np.float32(0), value)
    with np.errstate(all="ignore"):
        for node in np.flatnonzero(left)[::-1]:
            pair = slice(left[node], left[node] + 2)
            weighted = mean[pair] * cover[pair]
            whole = np.float32((weighted[0] + weighted[1]) / cover[node])
            mean[node] = whole if np.isfinite(whole) else mean[pair].mean()
    return mean


def _categories(part: Arrays, order: Index) -> dict[int, tuple[int, ...]]:
    """For each categorical node, by its new number, the categories that go right."""
    counts = part["category_counts"]
    ends = np.cumsum(np.maximum(counts, 0))
    return {
        int(number): tuple(
            int(c) for c in part["category_list"][ends[old] - counts[old] : ends[old]]
        )
        for number, old in enumerate(order)
        if counts[old] >= 0
    }
