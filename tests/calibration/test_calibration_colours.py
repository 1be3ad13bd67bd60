from dataclasses import replace

import pytest
from small_sets import bare_bundle

from leukoscope.calibration.calibration_colours import (
    calibration_colours,
    with_calibration_colours,
)
from leukoscope.calibration.chosen import CalibrationSet, Chosen
from leukoscope.calibration.offers import Offer
from leukoscope.images.colour_sources import known_colours
from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set


@pytest.fixture(scope="module")
def calibration_set(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "my_lab"
    write_class_set(root, 8, 70, size_px=(96, 72))
    images = read_image_set(root)
    labels = find_label_map(sorted({item.label for item in images.items}), "xincept_all")
    chosen = tuple(
        Chosen(item, f"my_lab/{item.name}", "0" * 64, item.label, f"my_lab/{item.group}", 0)
        for item in images.items
    )
    offer = Offer("xincept_all", images, labels)
    return CalibrationSet("xincept_all", chosen[:20], chosen[20:], (), {}, (), (offer,), 20, 1)


def test_ranges_and_search_are_counted_by_folder(calibration_set):
    assert {k: v.fields for k, v in calibration_colours(calibration_set).items()} == {"my_lab": 32}


def test_a_file_that_went_away_is_passed_over(calibration_set, tmp_path):
    first = calibration_set.ranges[0]
    gone = replace(first, item=replace(first.item, path=tmp_path / "gone.png"))
    ranges = (gone, *calibration_set.ranges[1:])
    assert calibration_colours(replace(calibration_set, ranges=ranges))["my_lab"].fields == 31


def test_they_stand_in_the_manifest_beside_those_of_training(calibration_set):
    manifest = bare_bundle().manifest
    colours = calibration_colours(calibration_set)
    changed = with_calibration_colours(manifest, "xincept_all", colours)
    known = known_colours(changed.networks["xincept_all"].provenance, "here")
    assert list(known) == ["calibration"] and list(known["calibration"]) == ["my_lab"]
    assert changed.networks["sg_cldff"] == manifest.networks["sg_cldff"]
    again = with_calibration_colours(changed, "xincept_all", {})
    assert again.networks["xincept_all"].provenance == manifest.networks["xincept_all"].provenance
