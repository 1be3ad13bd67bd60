"""Nodes as Treelite numbers them become trees level by level, or are refused."""

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.export.tree_nodes import trees_of

#        0: f1 < 5
#     4        2: f0 in {3}
#            1     3            5: pruned, reached by nobody
ONE = {
    "cleft": [4, -1, 1, -1, -1, -1],
    "cright": [2, -1, 3, -1, -1, -1],
    "split_index": [1, -1, 0, -1, -1, -1],
    "default_left": [1, 0, 0, 0, 0, 0],
    "leaf_value": [0, 10, 0, 30, 40, 50],
    "threshold": [5, 0, 0, 0, 0, 0],
    "sum_hess": [10, 1, 4, 3, 6, 0],
    "category_counts": [-1, -1, 1, -1, -1, -1],
}


def arrays(*changes, outputs=(2,)):
    parts = [{**ONE, **change} for change in changes or [{}]]
    joined = {key: np.concatenate([np.array(part[key]) for part in parts]) for key in ONE}
    sizes = np.array([len(part["cleft"]) for part in parts])
    return {
        **joined,
        "sizes": sizes,
        "outputs": np.array(outputs),
        "category_list": np.array([3] * len(parts)),
    }


def test_nodes_are_numbered_level_by_level():
    (tree,) = trees_of(arrays(), "m")
    assert tree.output == 2
    assert tree.left.tolist() == [1, 0, 3, 0, 0]
    assert tree.feature.tolist() == [1, 0, 0, 0, 0]
    assert tree.value.tolist() == [5, 40, 0, 10, 30]
    assert tree.categories == {2: (3,)}
    assert tree.default_left.tolist() == [True, False, False, False, False]
    np.testing.assert_allclose(tree.mean, [(40 * 6 + 25 * 4) / 10, 40, 25, 10, 30])


def test_trees_are_told_apart():
    first, second = trees_of(arrays({}, {"leaf_value": [0, 1, 0, 3, 4, 5]}, outputs=(0, 1)), "m")
    assert first.value.tolist()[1:] == [40, 0, 10, 30] and second.value.tolist()[1:] == [4, 0, 1, 3]
    assert second.categories == {2: (3,)}


def test_without_cover_both_sides_weigh_the_same():
    (tree,) = trees_of(arrays({"sum_hess": [0, 0, 0, 0, 0, 0]}), "m")
    assert tree.mean.tolist() == [30, 40, 20, 10, 30]
    (tree,) = trees_of(arrays({"sum_hess": [np.nan] * 6}), "m")
    assert tree.mean.tolist() == [30, 40, 20, 10, 30]


@pytest.mark.parametrize(
    "change",
    [
        {"cleft": [0, -1, 1, -1, -1, -1]},
        {"cleft": [2, -1, 1, -1, -1, -1]},
        {"cleft": [6, -1, 1, -1, -1, -1]},
        {"cright": [-7, -1, 3, -1, -1, -1]},
        {"cleft": [4, -1, 2, -1, -1, -1]},
        {"cright": [2, -1, -1, -1, -1, -1]},
    ],
)
def test_links_that_make_no_tree_are_refused(change):
    with pytest.raises(InputError, match="form no tree"):
        trees_of(arrays(change), "m")


def test_as_many_outputs_as_trees():
    with pytest.raises(InputError, match="1 trees for 2 outputs"):
        trees_of(arrays(outputs=(0, 1)), "m")
