import numpy as np
import pytest

from leukoscope.runtime.metrics.masks import overlap
from leukoscope.runtime.metrics.targets import targets_of
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.sample import Sample
from leukoscope.runtime.scoring import score

CLASSES = ("a", "b", "c")
ALONE = targets_of({name: (name,) for name in CLASSES}, CLASSES)


def observation(target=("a",), probabilities=(0.6, 0.3, 0.1), excluded=False, **change):
    sample = Sample(np.zeros((2, 2, 3), np.uint8), "x", "", target, excluded, None)
    values = {
        "sample": sample, "probabilities": np.array(probabilities), "voted": 0,
        "rank_agreement": 1.0, "top_overlap": 1.0, "flipped": False, "overlap": None,
        "energy_on_cell": None, "cell_share": None,
    }  # fmt: skip
    return Observation(**{**values, **change})


def test_every_figure_of_the_contract_is_there_even_for_nothing():
    got = score([], ALONE, CLASSES)
    assert set(got) >= {
        "n", "accuracy", "balanced_accuracy", "f1_macro", "recall", "f1", "ece", "iou",
        "iou_image_mean", "dice", "cam_agreement", "cam_top10_overlap", "cam_energy_on_cell",
        "cell_area_share", "flips",
    }  # fmt: skip
    assert got["n"] == got["flips"] == 0
    assert got["accuracy"] is None and got["iou"] is None and got["cam_agreement"] is None


def test_excluded_images_are_no_part_of_n_but_their_masks_and_maps_count():
    mask = np.ones((2, 2), np.uint8)
    got = score(
        [
            observation(overlap=overlap(mask, mask)),
            observation(None, excluded=True, overlap=overlap(mask, mask), rank_agreement=0.0),
            observation(None),
        ],
        ALONE,
        CLASSES,
    )
    assert (got["n"], got["n_labelled"], got["n_masks"]) == (2, 1, 2)
    assert got["accuracy"] == 1.0 and got["cam_agreement"] == 1.0 and got["iou"]["cell"] == 1.0


def test_a_label_of_several_classes_is_scored_by_its_sum():
    targets = targets_of({"ab": ("a", "b"), "c": ("c",)}, CLASSES)
    rows = [observation(("a", "b"), (0.3, 0.3, 0.4)), observation(("c",), (0.3, 0.3, 0.4))]
    got = score(rows, targets, CLASSES)
    assert got["accuracy"] == 0.5 and got["recall"] == {"ab": 1.0, "c": 0.0}


def test_agreement_is_a_median_and_the_others_are_means():
    rows = [
        observation(rank_agreement=r, top_overlap=t, energy_on_cell=e, cell_share=s, flipped=f)
        for r, t, e, s, f in (
            (0.1, 0.0, 0.5, 0.2, True),
            (0.8, 0.5, None, None, False),
            (0.9, 1.0, 0.9, 0.4, True),
        )
    ]
    got = score(rows, ALONE, CLASSES)
    assert got["cam_agreement"] == 0.8 and got["cam_top10_overlap"] == 0.5
    assert got["cam_energy_on_cell"] == pytest.approx(0.7)
    assert got["cell_area_share"] == pytest.approx(0.3) and got["flips"] == 2
