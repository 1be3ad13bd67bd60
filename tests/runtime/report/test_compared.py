from dataclasses import replace

import numpy as np
import pytest
import study_made as made
from made import Image, judged_of, region

from leukoscope.runtime.metrics.intervals import wilson
from leukoscope.runtime.report.compared import (
    _map_ratios,
    differences_of,
    intervals_of,
    of_agreement,
    ratios_of,
)
from leukoscope.runtime.report.counted import votes_of
from leukoscope.runtime.scoring import score


def figures(judged, variant):
    votes = votes_of(judged.observations[variant], judged.targets, judged.classes)
    return ratios_of(judged.observations[variant], votes, judged.targets.names)


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_every_ratio_is_the_figure_of_validate(variant):
    judged = made.judged(24)
    row = score(judged.observations[variant], judged.targets, judged.classes)
    values = {name: ratio.value() for name, (ratio, _) in figures(judged, variant).items()}
    for name in (
        "accuracy",
        "balanced_accuracy",
        "f1_macro",
        "dice",
        "iou_image_mean",
        "cam_top10_overlap",
    ):
        assert values[name] == pytest.approx(row[name]), name
    for name in judged.classes:
        assert values[f"recall {name}"] == pytest.approx(row["recall"][name])
        assert values[f"f1 {name}"] == pytest.approx(row["f1"][name])
    for region_name in ("cell", "nucleus"):
        assert values[f"iou {region_name}"] == pytest.approx(row["iou"][region_name])


def test_intervals_hold_the_figure():
    judged = made.judged(24)
    ratios = figures(judged, "int8")
    found = intervals_of(ratios)
    assert {"accuracy", "recall a", "f1 a", "iou cell", "dice"} <= found.keys()
    for name, one in found.items():
        assert one.low <= ratios[name][0].value() <= one.high and one.low < one.high, name


def test_where_all_are_right_a_share_has_wilsons_interval_and_others_none():
    judged = judged_of([Image(i % 2, i % 2, i % 2, f"g{i // 2}") for i in range(12)])
    found = intervals_of(figures(judged, "int8"))
    assert found["accuracy"] == wilson(12, 12) and found["recall a"] == wilson(6, 6)
    assert "f1 a" not in found and "balanced_accuracy" not in found


def test_one_group_has_no_interval():
    judged = judged_of([Image(i % 2, i % 2, 0, "g") for i in range(12)])
    assert intervals_of(figures(judged, "int8")) == {}


def test_classes_without_an_image_have_no_ratio():
    judged = judged_of([Image(0, 0, 0), Image(0, 0, 2)])
    assert "recall b" not in figures(judged, "int8") and "recall c" not in figures(judged, "int8")


def test_differences_are_variant_less_float_by_pairs():
    judged = made.judged(24)
    found = {d.name: d for d in differences_of(figures(judged, "int8"), figures(judged, "fp32"))}
    assert found["accuracy"].value == pytest.approx(-3 / 24)
    assert found["accuracy"].interval.low < -3 / 24 < found["accuracy"].interval.high <= 0
    assert found["iou cell"].value < 0


def test_without_a_change_a_difference_has_no_interval():
    masks = (region(9, 10, 10), region(9, 10, 10))
    judged = judged_of([Image(0, 0, 0, f"g{i}", masks=masks) for i in range(6)], network="sg_cldff")
    for one in differences_of(figures(judged, "int8"), figures(judged, "fp32")):
        assert (one.value, one.interval) == (0.0, None), one.name


def test_without_labels_and_masks_there_are_only_maps():
    judged = made.judged(4, labelled=False, masked=False)
    assert figures(judged, "int8").keys() == {"cam_top10_overlap"}
    assert figures(made.judged(0), "int8") == {}


def test_energy_is_over_the_images_that_have_it():
    judged = made.judged(4)
    some = [
        replace(one, energy_on_cell=value, cell_share=value and 0.1)
        for one, value in zip(judged.observations["int8"], (0.2, None, 0.6, None), strict=True)
    ]
    found = _map_ratios(some)
    assert found["cam_energy_on_cell"][0].value() == pytest.approx(0.4)
    assert found["cam_energy_on_cell"][1] == ("g0", "g1")


def test_the_agreement_has_an_interval_that_holds_its_median():
    observations = made.judged(24).observations["int8"]
    found = of_agreement(observations)["cam_agreement"]
    middle = np.median([one.rank_agreement for one in observations])
    assert found.low < middle < found.high <= 1
    assert of_agreement(made.judged(24).observations["fp32"]) == {}, "all are 1"
    assert of_agreement(()) == {}
