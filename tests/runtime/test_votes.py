import numpy as np
import pytest
from stand_ins import blob_field, stage_reading
from toy_bundle import Toy, toy_trees, write_toy_bundle

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.contract import Placement
from leukoscope.runtime.field import Counted, Reading, TileReading
from leukoscope.runtime.votes import CastVotes, Trees, open_trees, tile_weights


def judged(trees=None, probabilities=(0.7, 0.1, 0.1, 0.1), features=None):
    frame = blob_field()
    readings = {"xincept_all": stage_reading(frame, probabilities, features=features)}
    return CastVotes(trees)(Counted(frame, readings, None, None, ()))


def test_the_head_votes_where_there_are_no_trees():
    vote = judged().vote
    assert (vote.stage, vote.voter, vote.head_stage) == ("Benign", "head", "Benign")
    assert vote.probabilities == pytest.approx(dict(zip(STAGES, (0.7, 0.1, 0.1, 0.1), strict=True)))


def test_the_trees_vote_on_the_features():
    blob = TreeBlob.read(toy_trees())
    features = np.full(8, 0.9, np.float32)
    vote = judged(Trees(blob, STAGES), features=features).vote
    expected = blob.probabilities(features[None])[0]
    assert list(vote.probabilities) == list(STAGES)
    assert list(vote.probabilities.values()) == pytest.approx(expected.tolist())
    assert vote.voter == "trees" and vote.stage == STAGES[int(expected.argmax())] == "Pro"
    assert vote.head_stage == "Benign"


def test_the_trees_own_order_of_classes_is_kept_apart_from_the_networks():
    blob = TreeBlob.read(toy_trees())
    vote = judged(Trees(blob, STAGES[::-1]), features=np.full(8, 0.9, np.float32)).vote
    assert vote.stage == "Benign" and list(vote.probabilities) == list(STAGES)


@pytest.mark.parametrize(
    ("probabilities", "flags"),
    [((0.59, 0.21, 0.1, 0.1), ("low_probability",)), ((0.61, 0.19, 0.1, 0.1), ())],
)
def test_a_low_probability_is_flagged(probabilities, flags):
    assert judged(probabilities=probabilities).flags == flags


def test_voters_that_disagree_are_flagged():
    trees = Trees(TreeBlob.read(toy_trees()), STAGES)
    features = np.full(8, 0.9, np.float32)
    assert "voters_disagree" in judged(trees, features=features).flags
    agreed = judged(trees, (0.1, 0.1, 0.1, 0.7), features)
    assert "voters_disagree" not in agreed.flags


def test_without_xincept_all_there_is_no_vote():
    got = CastVotes(None)(Counted(blob_field(), {}, None, None, ()))
    assert got.vote is None and got.flags == ()


def test_which_voter_a_bundle_gives(toy_bundle, tmp_path):
    assert open_trees(toy_bundle, "auto").classes == STAGES
    assert open_trees(toy_bundle, "trees") is not None
    assert open_trees(toy_bundle, "head") is None
    bare = write_toy_bundle(tmp_path / "bare", Toy(trees=False))
    assert open_trees(bare, "auto") is None
    with pytest.raises(InputError, match="--voter head"):
        open_trees(bare, "trees")


def tiled_reading(rows, corners):
    tiles = tuple(
        TileReading(corner, np.array(row, np.float32), np.zeros(8, np.float32))
        for row, corner in zip(rows, corners, strict=True)
    )
    placement = Placement((200, 100), (192, 96), (0, 0), 96, (192, 96))
    arrays = {"probabilities": np.mean(rows, 0).astype(np.float32)}
    return Reading(STAGES, arrays, placement, tiles)


def test_each_tile_votes_with_the_white_cells_in_it():
    reading = tiled_reading([(0.9, 0.1, 0, 0), (0, 0.2, 0.8, 0)], [(0, 0), (96, 0)])
    mask = np.zeros((100, 200), np.uint8)
    mask[20:40, 10:40] = 1
    mask[20:40, 150:160] = 2
    assert tile_weights(reading, mask) == pytest.approx([0.75, 0.25], abs=0.01)
    counted = Counted(blob_field(), {"xincept_all": reading}, mask, None, ())
    vote = CastVotes(None)(counted).vote
    assert vote.probabilities["Benign"] == pytest.approx(0.9 * 0.75, abs=0.01)
    assert vote.stage == "Benign"


@pytest.mark.parametrize("mask", [None, np.zeros((100, 200), np.uint8)], ids=["none", "empty"])
def test_without_white_cells_the_tiles_are_even(mask):
    reading = tiled_reading([(0.9, 0.1, 0, 0), (0, 0.2, 0.8, 0)], [(0, 0), (96, 0)])
    assert tile_weights(reading, mask) == pytest.approx([0.5, 0.5])
