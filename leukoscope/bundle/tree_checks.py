"""The bounds of every value in trees.bin. After these checks no walk can leave the arrays or fail to end."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_layout import (
    CATEGORICAL,
    DEFAULT_LEFT,
    FEATURE_MASK,
    HEADER,
    VALUE_LIMIT,
    Header,
    Section,
)
from leukoscope.errors import InputError

Arrays = dict[str, NDArray[Any]]


def check_arrays(
    data: bytes, header: Header, places: dict[str, Section], arrays: Arrays, name: str
) -> None:
    """InputError, naming the file and the rule, unless every value is within its bounds."""
    _demand(_padding_is_zero(data, places), name, "padding between sections is not zero")
    for part in ("base_score", "leaves", "means"):
        _demand(_values(arrays[part]), name, f"a value in {part} is not within 1e12 of 0")
    outputs = arrays["output_of_tree"]
    _demand(
        bool((outputs < header.outputs).all()),
        name,
        f"a tree adds to no output below {header.outputs}",
    )
    if header.layout == 1:
        _check_perfect(header, arrays, name)
    else:
        _check_nodes(header, arrays, name)


def _check_perfect(header: Header, arrays: Arrays, name: str) -> None:
    splits = arrays["splits"]
    _demand(_thresholds(splits["threshold"]), name, "a threshold is NaN or -infinity")
    _demand(
        _features(splits["feature"], header.features, 0), name, "a split's feature is out of bounds"
    )


def _check_nodes(header: Header, arrays: Arrays, name: str) -> None:
    nodes = arrays["splits"]
    child, feature, value = nodes["child"], nodes["feature"], nodes["value"]
    leaf = child == 0
    categorical = ~leaf & ((feature & CATEGORICAL) != 0)
    _demand(_values(value[leaf]), name, "a leaf is not within 1e12 of 0")
    _demand(not feature[leaf].any(), name, "a leaf names a feature")
    _demand(_thresholds(value[~leaf & ~categorical]), name, "a threshold is NaN or -infinity")
    good = _features(feature[~leaf], header.features, CATEGORICAL)
    _demand(good, name, "a split's feature is out of bounds")
    named = _bits(value[categorical])
    _demand(bool((named < header.sets).all()), name, "a bit set is out of bounds")
    _check_links(header, arrays["roots"], child, name)


def _check_links(header: Header, roots: NDArray[Any], child: NDArray[Any], name: str) -> None:
    """Children forward, inside their tree, each of one parent; the depth as the header says."""
    starts = roots.astype(np.int64)
    ends = np.append(starts[1:], header.nodes)
    good = starts[0] == 0 and bool((starts < ends).all())
    _demand(good, name, "the roots do not increase from 0")
    parents = np.flatnonzero(child)
    left = child[parents].astype(np.int64)
    last = ends[np.searchsorted(starts, parents, "right") - 1]
    _demand(bool((left > parents).all()), name, "a child does not lie behind its parent")
    _demand(bool((left + 1 < last).all()), name, "a child lies outside its tree")
    claimed = np.zeros(header.nodes, np.int64)
    claimed[starts] += 1
    np.add.at(claimed, left, 1)
    np.add.at(claimed, left + 1, 1)
    _demand(bool((claimed == 1).all()), name, "a node is not the child of exactly one")
    _demand(_depth(starts, child, header.depth) == header.depth, name, "the depth is not as stated")


def _depth(level: NDArray[Any], child: NDArray[Any], limit: int) -> int:
    """The depth of the deepest leaf, or limit + 1 if it is deeper. Every node has one parent, so this ends."""
    for depth in range(limit + 1):
        left = child[level].astype(np.int64)
        left = left[left > 0]
        if not len(left):
            return depth
        level = np.concatenate((left, left + 1))
    return limit + 1


def _padding_is_zero(data: bytes, places: dict[str, Section]) -> bool:
    ends = [HEADER.size, *(place.end for place in places.values())]
    starts = [*(place.offset for place in places.values()), len(data)]
    return not any(any(data[end:start]) for end, start in zip(ends, starts, strict=True))


def _values(values: NDArray[Any]) -> bool:
    """True if all are numbers within +-VALUE_LIMIT: NaN compares false."""
    return bool((np.abs(values) <= VALUE_LIMIT).all())


def _thresholds(values: NDArray[Any]) -> bool:
    """True unless one is NaN or -infinity."""
    return bool((values > -np.inf).all())


def _features(words: NDArray[Any], features: int, flags: int) -> bool:
    allowed = DEFAULT_LEFT | FEATURE_MASK | flags
    return bool(
        ((words & ~np.uint32(allowed)) == 0).all() and ((words & FEATURE_MASK) < features).all()
    )


def _bits(values: NDArray[Any]) -> NDArray[Any]:
    """float32 -> the same 32 bits as uint32."""
    return np.ascontiguousarray(values).view(np.uint32)


def _demand(good: bool, name: str, fault: str) -> None:
    if not good:
        raise InputError(f"{name}: {fault}")
