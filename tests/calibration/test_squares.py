import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import LABORATORY, SIDES, write_toy_bundle

from leukoscope.calibration.chosen import Chosen
from leukoscope.calibration.squares import CROPS_OF_A_FIELD, squares_of
from leukoscope.images.contract import Contract, place
from leukoscope.images.layouts import Item
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.settings import Settings


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    path = tmp_path_factory.mktemp("fields") / "a.png"
    pixels = paint_field("Pro", 3, laboratory=LABORATORY).image
    cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return Chosen(Item(path, "a.png", None, None, "g"), "s/a.png", "0" * 64, "", "s/g", 0), pixels


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_toy_bundle(tmp_path_factory.mktemp("squares") / "bundle")


def test_a_network_of_fields_sees_one_square_an_image(bundle, field):
    chosen, pixels = field
    got = squares_of(bundle, "xincept_all", [chosen, chosen], Settings(threads=1))
    side = SIDES["xincept_all"]
    assert got.shape == (2, side, side, 3) and got.dtype == np.uint8
    np.testing.assert_array_equal(got[0], place(pixels, Contract(side))[0])


def test_the_network_of_cells_sees_the_field_and_some_of_its_cells(bundle, field):
    chosen, pixels = field
    got = squares_of(bundle, "sg_cldff", [chosen], Settings(threads=1))
    np.testing.assert_array_equal(got[0], place(pixels, Contract(SIDES["sg_cldff"]))[0])
    assert 2 <= len(got) <= 1 + CROPS_OF_A_FIELD


def test_no_images_no_squares(bundle):
    assert squares_of(bundle, "xincept_all", [], Settings(threads=1)).shape[0] == 0
