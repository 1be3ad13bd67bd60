"""Laying trees out: the rule of the layouts, padding, bit sets, and the documented bytes."""

import struct

import numpy as np
import pytest

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import choose_layout, lay_out
from leukoscope.errors import InputError


@pytest.mark.parametrize("depth", [0, 1, 6, 10])
def test_full_trees_are_perfect(forest, depth):
    random = np.random.default_rng(0)
    assert choose_layout([forest.grow(random, depth, stop=0) for _ in range(3)]) == "perfect"


def test_too_deep_sparse_or_categorical_trees_are_nodes(forest):
    random = np.random.default_rng(0)
    assert choose_layout([forest.grow(random, 11, stop=0)]) == "nodes"
    assert choose_layout([forest.grow(random, 8, stop=0.95)]) == "nodes"
    assert choose_layout([forest.grow(random, 2, stop=0, categorical=1)]) == "nodes"


@pytest.mark.parametrize("depth,ratio", [(5, 2), (6, 2), (7, 1), (9, 1)])
def test_perfect_is_at_most_so_many_times_the_bytes_of_nodes(forest, depth, ratio):
    random = np.random.default_rng(1)
    chosen = set()
    for stop in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9):
        trees = [forest.grow(random, depth, stop=stop) for _ in range(20)]
        facts = {"objective": "logistic", "features": 6, "outputs": 1, "base_score": [0]}
        sizes = {k: len(lay_out(trees, layout=k, **facts)) for k in ("perfect", "nodes")}
        # Padding of sections to cache lines blurs the comparison by a few hundred bytes.
        if abs(sizes["perfect"] - ratio * sizes["nodes"]) > 500:
            fits = sizes["perfect"] <= ratio * sizes["nodes"]
            chosen.add(choose_layout(trees))
            assert (choose_layout(trees) == "perfect") == fits
    assert chosen == {"perfect", "nodes"}


def test_a_stump_gives_the_documented_bytes(forest):
    tree = forest.grow(np.random.default_rng(0), 1, stop=0)
    data = lay_out(
        [tree], objective="logistic", features=6, outputs=1, base_score=[0.5], temperature=2.0, layout="perfect"
    )  # fmt: skip
    assert data[:48] == b"LEUKTREE" + struct.pack("<10I", 1, 1, 1, 6, 1, 1, 1, 1, 0, 0)
    assert struct.unpack_from("<f", data, 48) == (2.0,) and not any(data[52:128])
    assert struct.unpack_from("<f", data, 128) == (0.5,)
    word = int(tree.feature[0]) | (int(tree.default_left[0]) << 31)
    # base score at 128, output of tree at 192, splits at 256, leaves at 320, means at 384.
    assert struct.unpack_from("<I", data, 192) == (0,)
    assert struct.unpack_from("<fI", data, 256) == (tree.value[0], word)
    assert struct.unpack_from("<2f", data, 320) == tuple(tree.value[1:])
    assert struct.unpack_from("<f", data, 384) == (tree.mean[0],)
    assert len(data) == 448


def test_a_short_leaf_stands_in_for_all_below(forest):
    random = np.random.default_rng(3)
    deep, leaf = forest.grow(random, 4, stop=0), forest.grow(random, 0)
    data = lay_out(
        [deep, leaf], objective="logistic", features=6, outputs=1, base_score=[0], layout="perfect"
    )
    blob = TreeBlob.read(data)
    assert (blob.arrays["leaves"][16:] == leaf.value[0]).all()
    assert np.isposinf(blob.arrays["splits"]["threshold"][15:]).all()
    assert (blob.arrays["means"][15:] == leaf.value[0]).all()


def test_categories_beyond_the_limit_are_refused(forest):
    tree = forest.grow(np.random.default_rng(0), 1, stop=0, categorical=1)
    tree.categories[0] = (2048 * 32,)
    with pytest.raises(InputError, match="categories below 65536"):
        lay_out([tree], objective="logistic", features=6, outputs=1, base_score=[0])


def test_categories_without_any_to_the_right_are_kept(forest):
    tree = forest.grow(np.random.default_rng(0), 1, stop=0, categorical=1)
    tree.categories[0] = ()
    blob = TreeBlob.read(
        lay_out([tree], objective="logistic", features=6, outputs=1, base_score=[0])
    )
    assert blob.margins(np.full((1, 6), 3, np.float32)) == tree.value[1]


def test_the_same_trees_give_the_same_bytes(forest):
    assert forest.blob("nodes", 0.5) == forest.blob("nodes", 0.5)
