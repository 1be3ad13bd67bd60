import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from stand_ins import blob_field, stage_reading

from leukoscope.bundle.read import open_bundle
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree, lay_out
from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.runtime.field import Reading
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.tree_map import MapTrees, spread

FEATURES = 8


def random_tree(rng, output: int) -> Tree:
    """A full tree of depth 2 over random features, with means that are not those of its leaves."""
    split = np.array([True, True, True, False, False, False, False])
    return Tree(
        output=output,
        left=np.array([1, 3, 5, 0, 0, 0, 0]),
        feature=np.where(split, rng.integers(0, FEATURES, 7), 0),
        default_left=np.zeros(7, bool),
        value=np.where(split, rng.uniform(0, 1, 7), rng.normal(size=7)).astype(np.float32),
        mean=rng.normal(size=7).astype(np.float32),
        categories={},
    )


def random_blob(seed: int, outputs: int = 4, trees: int = 40) -> TreeBlob:
    """Means at the leaves equal their values, as the format wants of honest attributions."""
    rng = np.random.default_rng(seed)
    made = [random_tree(rng, k % outputs) for k in range(trees)]
    for tree in made:
        tree.mean[3:] = tree.value[3:]
    objective = "logistic" if outputs == 1 else "softprob"
    base = rng.normal(size=outputs)
    data = lay_out(made, objective=objective, features=FEATURES, outputs=outputs, base_score=base)
    return TreeBlob.read(data)


def reading(seed: int, dead=(), classes=STAGES) -> Reading:
    """Random non-negative maps with their means; those in `dead` are zero."""
    maps = np.random.default_rng(seed).exponential(size=(FEATURES, 5, 6)).astype(np.float32)
    maps[list(dead)] = 0
    base = stage_reading(blob_field(), [0.25] * 4)
    arrays_ = {"features": maps.mean((1, 2)), "feature_maps": maps}
    return Reading(tuple(classes), arrays_, base.placement)


def margin_less_bias(blob: TreeBlob, features) -> np.ndarray:
    """By the margin itself, and a bias that is the same for every row: no use of the parts by feature."""
    rows = np.ascontiguousarray(features[None])
    bias = blob.contributions(rows)[0, :, -1]
    return blob.margins(rows)[0] - bias


@pytest.mark.parametrize("seed", range(5))
def test_each_map_adds_up_to_its_margin_less_its_bias(seed):
    blob, one = random_blob(seed), reading(seed, dead=(1, 4))
    maps = MapTrees(blob, STAGES)(one).maps
    assert maps.shape == (4, 5, 6) and maps.dtype == np.float32
    wanted = margin_less_bias(blob, one.arrays["features"])
    np.testing.assert_allclose(maps.sum((1, 2), dtype=np.float64), wanted, atol=2e-5)
    assert np.abs(wanted).max() > 0.5, "the test has something to lose"


def test_the_bias_is_that_of_the_trees_not_of_the_row():
    blob = random_blob(0)
    rows = np.random.default_rng(0).uniform(0, 1, (9, FEATURES)).astype(np.float32)
    bias = blob.contributions(rows)[:, :, -1]
    assert (bias == bias[0]).all()


def test_classes_come_in_the_networks_order():
    blob, one = random_blob(3), reading(3)
    maps = MapTrees(blob, STAGES[::-1])(one).maps
    assert np.array_equal(maps, MapTrees(blob, STAGES)(one).maps[::-1])


def test_of_a_logistic_margin_one_class_has_the_negative_of_the_other():
    blob, one = random_blob(7, outputs=1), reading(7, classes=("no", "yes"))
    maps = MapTrees(blob, ("no", "yes"))(one).maps
    assert maps.shape == (2, 5, 6) and np.array_equal(maps[0], -maps[1])
    wanted = margin_less_bias(blob, one.arrays["features"])[0]
    assert maps[1].sum(dtype=np.float64) == pytest.approx(wanted, abs=2e-5)


def test_a_feature_lies_where_its_map_is():
    maps = np.zeros((2, 2, 2), np.float32)
    maps[0, 0, 1], maps[1, 1] = 5, (1, 3)
    got = spread(np.array([[2.0, -4.0]]), maps)
    np.testing.assert_allclose(got.maps[0], [[0, 2], [-1, -3]])
    assert got.even_shares[0] == 0


def test_a_feature_without_a_map_is_spread_evenly_and_its_share_reported():
    maps = np.zeros((2, 2, 2), np.float32)
    maps[0, 0, 0] = 1
    got = spread(np.array([[3.0, -1.0], [0.0, 8.0], [0.0, 0.0]]), maps)
    np.testing.assert_allclose(got.maps[0], [[2.75, -0.25], [-0.25, -0.25]])
    np.testing.assert_allclose(got.maps[1], 2)
    np.testing.assert_allclose(got.even_shares, [0.25, 1.0, 0.0])


@given(
    arrays(np.float32, (3, 4), elements=st.floats(-50, 50, width=32)),
    arrays(np.float32, (4, 3, 5), elements=st.floats(0, 2.0**100, width=32)),
)
def test_any_parts_over_any_maps_keep_their_sum(parts, maps):
    got = spread(parts, maps)
    assert np.isfinite(got.maps).all()
    np.testing.assert_allclose(
        got.maps.sum((1, 2), dtype=np.float64), parts.sum(1, dtype=np.float64), atol=1e-3
    )
    assert (got.even_shares >= 0).all() and (got.even_shares <= 1).all()


@pytest.mark.parametrize(
    ("maps", "words"),
    [
        (None, "gives no feature_maps.*--explain gradcam"),
        (np.ones((7, 2, 2), np.float32), r"\[7, 2, 2\]; wanted \[8, h, w\]"),
        (np.ones((8, 4), np.float32), r"\[8, 4\]"),
        (np.ones((8, 0, 4), np.float32), r"\[8, 0, 4\]"),
        (np.full((8, 2, 2), -1e-3, np.float32), "non-negative"),
        (np.full((8, 2, 2), np.nan, np.float32), "not finite"),
        (np.full((8, 2, 2), np.inf, np.float32), "not finite"),
    ],
)
def test_maps_that_the_features_cannot_be_means_of_are_refused(maps, words):
    good = reading(0)
    arrays_ = {"features": good.arrays["features"]} | (
        {} if maps is None else {"feature_maps": maps}
    )
    with pytest.raises(InputError, match=words):
        MapTrees(random_blob(0), STAGES)(Reading(STAGES, arrays_, good.placement))


def test_features_of_another_width_are_refused():
    one = reading(0)
    arrays_ = {"features": np.zeros(5, np.float32), "feature_maps": one.arrays["feature_maps"]}
    with pytest.raises(InputError, match="float32"):
        MapTrees(random_blob(0), STAGES)(Reading(STAGES, arrays_, one.placement))


def test_the_shipped_trees_map_adds_up_too(ready_bundle, painted_frame):
    bundle = open_bundle(ready_bundle)
    settings = Settings(backend="onnxruntime-cpu", threads=1, explain="trees")
    result = open_pipeline(bundle, settings, ["xincept_all"])(painted_frame)
    wanted = margin_less_bias(bundle.trees(), result.readings["xincept_all"].arrays["features"])
    order = [bundle.manifest.trees.classes.index(name) for name in STAGES]
    maps = result.evidence.trees.maps
    np.testing.assert_allclose(maps.sum((1, 2), dtype=np.float64), wanted[order], atol=1e-4)
