from pathlib import Path

import pytest
from small_sets import candidate

from leukoscope.calibration.candidates import LeftOut
from leukoscope.calibration.judges import fit_to_judge
from leukoscope.calibration.offers import Offer
from leukoscope.images.layouts import ImageSet

USED = [candidate(1, "ward/a"), candidate(2, "ward/b")]


def judged(judges, folders=("ward", "kept"), inferred=False):
    offers = [
        Offer("xincept_all", ImageSet(Path("/") / name, "classes", (), inferred), None)
        for name in folders
    ]
    left_out = LeftOut()
    parts = {"ranges": USED[:1], "search": USED[1:]}
    kept = fit_to_judge(judges, parts, offers, left_out)
    return [one.name for one in kept], left_out.names


def test_unseen_images_judge():
    judges = [candidate(10, "kept/a", offer_index=1), candidate(11, "kept/b", offer_index=1)]
    assert judged(judges) == (["kept/10.png", "kept/11.png"], {})


@pytest.mark.parametrize(
    ("cause", "rest"),
    [
        ("trained on", {"trained": True, "near": True}),
        ("trained on", {"trained": True, "near": True, "pixels_sha256": "p1"}),
        ("near the training", {"near": True}),
        ("near the training", {"near": True, "pixels_sha256": "p2"}),
        ("calibrated on", {"pixels_sha256": "p1"}),
        ("calibrated on", {"pixels_sha256": "p2"}),
    ],
)
def test_the_gravest_cause_is_named(cause, rest):
    kept, left_out = judged([candidate(10, "kept/q", offer_index=1, **rest)])
    assert kept == [] and left_out == {cause: ["kept/10.png"]}


def test_a_copy_of_a_judge_that_is_near_the_training_may_not_judge_either():
    judges = [
        candidate(10, "kept/p", offer_index=1, pixels_sha256="x"),
        candidate(11, "kept/q", offer_index=1, pixels_sha256="x", near=True),
        candidate(12, "kept/q", offer_index=1, pixels_sha256="y"),
        candidate(13, "kept/q", offer_index=1, pixels_sha256="y"),
    ]
    kept, left_out = judged(judges)
    assert kept == ["kept/12.png"]
    assert left_out == {
        "near the training": ["kept/11.png"],
        "duplicate": ["kept/10.png", "kept/13.png"],
    }


def test_the_whole_group_of_a_copy_is_near_the_calibration():
    judges = [
        candidate(10, "kept/p", offer_index=1, pixels_sha256="p2"),
        candidate(11, "kept/p", offer_index=1),
        candidate(12, "kept/q", offer_index=1),
    ]
    for inferred in (False, True):
        kept, left_out = judged(judges, inferred=inferred)
        assert kept == ["kept/12.png"] and left_out["near the calibration"] == ["kept/11.png"]


def test_slides_of_one_name_in_two_folders_of_one_name_are_one_slide():
    """Where people wrote the names; numbers of blocks mean nothing in another folder."""
    judges = [candidate(10, "b/ward/a", offer_index=1, own_group="a")]
    assert judged(judges, ("ward", "ward")) == ([], {"near the calibration": ["b/10.png"]})
    assert judged(judges, ("ward", "ward"), inferred=True)[0] == ["b/10.png"]
    assert judged(judges, ("ward", "other"))[0] == ["b/10.png"]
