"""Laying out trees as trees.bin: the writer's side of the format, used at export and by tests.

data = lay_out(trees, objective="softprob", features=128, outputs=4, base_score=[...], temperature=1.0)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.tree_layout import (
    CATEGORICAL,
    DEFAULT_LEFT,
    NODE,
    OBJECTIVES,
    PERFECT_DEPTH_LIMIT,
    PERFECT_SPLIT,
    SET_WORDS_LIMIT,
    Header,
    sections,
)
from leukoscope.errors import InputError

SHALLOW_DEPTH = 6
SHALLOW_RATIO, DEEP_RATIO = 2, 1
"""Our choice, docs/bundle-format.md 'Which layout', from the measurements of docs/trees.md."""


@dataclass(frozen=True)
class Tree:
    """One tree as arrays over its nodes, level by level, root first, the two children of a split side by side.

    `left` is the index of the left child (the right one is the next), 0 for a leaf. `value` is the threshold
    of a split, or what a leaf adds. `categories` gives for a categorical split those that go right.
    """

    output: int
    left: NDArray[np.int64]
    feature: NDArray[np.int64]
    default_left: NDArray[np.bool_]
    value: NDArray[np.float32]
    mean: NDArray[np.float32]
    categories: dict[int, tuple[int, ...]]

    def depth(self) -> int:
        """The depth of the deepest leaf; the root's is 0."""
        level, depth = np.zeros(1, np.int64), 0
        while len(level := self.left[level][self.left[level] > 0]):
            level, depth = np.concatenate((level, level + 1)), depth + 1
        return depth


def choose_layout(trees: Sequence[Tree]) -> str:
    """`perfect` or `nodes`, by the rule of docs/bundle-format.md."""
    depth = max(tree.depth() for tree in trees)
    if depth > PERFECT_DEPTH_LIMIT or any(tree.categories for tree in trees):
        return "nodes"
    splits = len(trees) * ((1 << depth) - 1)
    perfect = splits * (PERFECT_SPLIT.itemsize + 4) + (len(trees) << depth) * 4
    nodes = sum(len(tree.left) for tree in trees) * (NODE.itemsize + 4)
    ratio = SHALLOW_RATIO if depth <= SHALLOW_DEPTH else DEEP_RATIO
    return "perfect" if perfect <= ratio * nodes else "nodes"


def lay_out(
    trees: Sequence[Tree],
    *,
    objective: str,
    features: int,
    outputs: int,
    base_score: Sequence[float] | NDArray[np.float32],
    temperature: float = 1.0,
    layout: str | None = None,
) -> bytes:
    """Trees -> bytes of trees.bin; `layout` None lets the rule choose. The reader checks what comes out."""
    layout = layout or choose_layout(trees)
    depth = max(tree.depth() for tree in trees)
    arrays = _perfect(trees, depth) if layout == "perfect" else _nodes(trees)
    arrays["base_score"] = np.asarray(base_score, np.float32)
    arrays["output_of_tree"] = np.array([tree.output for tree in trees], np.uint32)
    sets = arrays["sets"]
    header = Header(
        layout=1 if layout == "perfect" else 2,
        objective={name: code for code, name in OBJECTIVES.items()}[objective],
        features=features,
        outputs=outputs,
        trees=len(trees),
        depth=depth,
        nodes=len(arrays["splits"]),
        sets=sets.shape[0],
        set_words=sets.shape[1],
        temperature=temperature,
    )
    return _assemble(header, arrays)


def _assemble(header: Header, arrays: dict[str, NDArray[Any]]) -> bytes:
    places, length = sections(header)
    out = bytearray(length)
    packed = header.pack()
    out[: len(packed)] = packed
    for name, place in places.items():
        content = np.ascontiguousarray(arrays[name], place.dtype).tobytes()
        if len(content) != place.end - place.offset:
            raise ValueError(f"{name} has {len(content)} bytes, not {place.end - place.offset}")
        out[place.offset : place.end] = content
    return bytes(out)


def _nodes(trees: Sequence[Tree]) -> dict[str, NDArray[Any]]:
    sizes = np.array([len(tree.left) for tree in trees], np.int64)
    roots = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    sets: list[tuple[int, ...]] = []
    parts = [_node_array(tree, int(root), sets) for tree, root in zip(trees, roots, strict=True)]
    return {
        "roots": roots,
        "splits": np.concatenate(parts),
        "leaves": np.empty(0, np.float32),
        "means": np.concatenate([tree.mean for tree in trees]),
        "sets": _bit_sets(sets),
    }


def _node_array(tree: Tree, root: int, sets: list[tuple[int, ...]]) -> NDArray[Any]:
    """The tree's nodes, its first at index `root`; its bit sets are added to `sets`."""
    split = tree.left > 0
    nodes = np.zeros(len(tree.left), NODE)
    nodes["value"] = tree.value
    nodes["feature"] = np.where(split, _words(tree), 0)
    nodes["child"] = np.where(split, tree.left + root, 0)
    for index, categories in tree.categories.items():
        nodes["feature"][index] |= CATEGORICAL
        nodes["value"][index] = np.array(len(sets), np.uint32).view(np.float32)
        sets.append(categories)
    return nodes


def _bit_sets(sets: Sequence[tuple[int, ...]]) -> NDArray[np.uint32]:
    if not sets:
        return np.zeros((0, 0), np.uint32)
    width = max((max(categories, default=0) for categories in sets), default=0) // 32 + 1
    if width > SET_WORDS_LIMIT:
        found = f"the trees split on category {max(max(c, default=0) for c in sets)}"
        raise InputError(found, wanted=f"categories below {SET_WORDS_LIMIT * 32}")
    words = np.zeros((len(sets), width), np.uint32)
    for row, categories in zip(words, sets, strict=True):
        for category in categories:
            row[category >> 5] |= np.uint32(1 << (category & 31))
    return words


def _perfect(trees: Sequence[Tree], depth: int) -> dict[str, NDArray[Any]]:
    parts = [_perfect_tree(tree, depth) for tree in trees]
    return {
        "roots": np.empty(0, np.uint32),
        "splits": np.concatenate([splits for splits, _, _ in parts]),
        "leaves": np.concatenate([leaves for _, leaves, _ in parts]),
        "means": np.concatenate([means for _, _, means in parts]),
        "sets": np.zeros((0, 0), np.uint32),
    }


def _perfect_tree(tree: Tree, depth: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Splits [2^D - 1], leaves [2^D] and means [2^D - 1]; a short leaf stands in for all that is below it."""
    level = np.zeros(1, np.int64)
    splits, means = [np.zeros(0, PERFECT_SPLIT)], [np.zeros(0, np.float32)]
    words = _words(tree)
    for _ in range(depth):
        split = tree.left[level] > 0
        row = np.zeros(len(level), PERFECT_SPLIT)
        row["threshold"] = np.where(split, tree.value[level], np.float32(np.inf))
        row["feature"] = np.where(split, words[level], DEFAULT_LEFT)
        splits.append(row)
        means.append(tree.mean[level])
        left = np.where(split, tree.left[level], level)
        level = np.stack((left, left + split), axis=1).reshape(-1)
    return np.concatenate(splits), tree.value[level], np.concatenate(means)


def _words(tree: Tree) -> NDArray[np.int64]:
    """Feature index and default direction in one word, as both layouts store them."""
    return tree.feature | np.where(tree.default_left, DEFAULT_LEFT, 0)
