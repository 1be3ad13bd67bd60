import json
import math
from dataclasses import replace

import numpy as np
import pytest
from stand_ins import blob_field, by_trees, result_of
from viewer_made import ABOUT

from leukoscope.runtime.pause import Pause
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.sources.source import SourceEvent, SourceState
from leukoscope.runtime.viewer.board import Board, RunState
from leukoscope.runtime.viewer.state_json import state_json


@pytest.fixture
def board():
    return Board(ABOUT)


def told(board, pause=None, map_trees=None):
    value = state_json(board, pause or Pause(), map_trees)
    json.dumps(value, allow_nan=False)
    return value


def test_before_the_first_field(board):
    got = told(board)
    assert (got["schema"], got["version"], got["field"]) == (1, 0, None)
    assert got["notice"] == "research use only"
    assert got["run"] == {
        "state": "running", "slide": "S-1", "source": "smears", "live": False, "journal": False,
        "message": None, "reviewable": False,
    }  # fmt: skip
    assert got["age"] == {"median_ms": None, "p95_ms": None, "n": 0}


def test_a_field_with_all_that_is_known_of_it(board):
    result = replace(result_of(blob_field(), flags=("low_probability",)), journal_id=12)
    board.show(result)
    board.books = lambda: (300, {"moving": 250})
    got = told(board)
    field = got["field"]
    assert (field["number"], field["id"], field["name"]) == (1, 12, "blobs_0")
    assert field["size_px"] == [220, 160] and field["since_ms"] >= 0
    assert (field["stage"], field["probability"], field["voter"]) == ("Early", 0.9, "trees")
    assert field["probabilities"] == {"Benign": 0.02, "Early": 0.9, "Pre": 0.05, "Pro": 0.03}
    assert field["flags"] == ["low_probability"] and field["mask"] is True
    assert (field["explained"], field["method"]) == ("Early", "gradcam")
    assert field["methods"] == ["gradcam"] and field["map_network"] == "xincept_all"
    assert [cell["type"] for cell in field["cells"]] == ["blast", "blast"]
    assert len(field["cells"][0]["box_px"]) == 4 and field["cells"][0]["new"] is True
    assert got["counts"]["captured"] == 300 and got["counts"]["drops"] == {"moving": 250}
    assert got["counts"]["white_cells"] == 2 and got["age"]["n"] == 1


def test_cells_that_a_field_before_has_shown_are_not_new(board):
    place = OnSlide(0, (0.0, 0.0), 1.0, True, (1, 2), (False, True))
    board.show(replace(result_of(blob_field()), on_slide=place))
    assert [cell["new"] for cell in told(board)["field"]["cells"]] == [False, True]


def test_a_field_without_a_stage_mask_or_map(board):
    bare = replace(result_of(blob_field(), with_cells=False), vote=None, evidence=None, readings={})
    board.show(bare)
    field = told(board)["field"]
    undefined = (
        "stage",
        "probability",
        "voter",
        "head_stage",
        "explained",
        "method",
        "map_network",
    )
    assert {field[name] for name in undefined} == {None} and field["mask"] is False
    assert (field["methods"], field["classes"], field["cells"]) == ([], [], [])


def test_the_trees_map_says_whose_it_is(board):
    board.show(by_trees(result_of(blob_field())))
    assert told(board)["field"]["method"] == "trees"


def test_no_number_is_ever_nan(board):
    result = result_of(blob_field())
    vote = replace(result.vote, probabilities={**result.vote.probabilities, "Early": math.nan})
    cells = tuple(replace(c, probabilities={"blast": math.inf}) for c in result.cells)
    board.show(replace(result, vote=vote, cells=cells))
    field = told(board)["field"]
    assert field["probability"] is None and field["cells"][0]["probability"] is None
    assert np.isfinite(field["frame_age_ms"])


def test_a_pause_is_a_state_only_while_fields_could_come(board):
    pause = Pause()
    pause.begin()
    assert told(board, pause)["run"]["state"] == "paused"
    board.move_to(RunState.ENDING)
    assert told(board, pause)["run"]["state"] == "ending"
    board.move_to(RunState.FAILED, "disk full")
    run = told(board, pause)["run"]
    assert (run["state"], run["message"]) == ("failed", "disk full")


def test_a_lost_source_says_so_and_since_when(board):
    board.hear(SourceEvent(SourceState.LOST, "unplugged", 0))
    source = told(board)["source"]
    assert (source["state"], source["detail"]) == ("lost", "unplugged") and source["since_ms"] > 0
