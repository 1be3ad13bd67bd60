"""The ground's light, the exposure, and how the cells lie."""

import numpy as np
import pytest

from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.choose.cover import Cover, cover_fault, find_cover
from leukoscope.runtime.choose.exposure import exposure_fault
from leukoscope.runtime.choose.ground import Ground, find_ground
from leukoscope.runtime.choose.reduced import Reducer


def ground_of(image):
    return find_ground(Reducer()(image))


def discs(share, level=150, ground=210, size=(480, 640), fall=0.0):
    """Cells of one layer on a grid, covering a share of the field, under a lamp that falls off by `fall`."""
    step = 40
    radius = step * np.sqrt(share / np.pi)
    y, x = np.mgrid[: size[0], : size[1]]
    off = np.hypot(x % step - step / 2, y % step - step / 2)
    plane = np.where(off < radius, level, ground) * (1 - fall * x / size[1])
    return np.repeat(plane.astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6])
@pytest.mark.parametrize("fall", [0.0, 0.12])
def test_cover_is_the_share_of_the_cells(share, fall):
    found = find_cover(ground_of(discs(share, fall=fall)))
    assert found.cover == pytest.approx(share, abs=0.03 + 0.15 * share)
    assert found.piled < 0.1


@pytest.mark.parametrize("ground", [90, 160, 210, 250])
def test_brightness_is_that_of_the_ground(ground):
    found = ground_of(discs(0.4, round(ground * 0.7), ground))
    assert found.brightness == pytest.approx(ground / 255, abs=0.02)


def test_two_layers_are_piled():
    one = discs(0.4)
    two = one.copy()
    two[240:] = np.where(one[240:] < 200, round(210 * (150 / 210) ** 2), one[240:])
    found = find_cover(ground_of(two))
    assert 0.2 < found.piled < 0.55  # half of it, less what the edges blur


def test_nuclei_are_not_piled():
    field = discs(0.4)
    field[:240][field[:240] < 200] = 30
    assert find_cover(ground_of(field)).piled < 0.2  # only their blurred edges


@pytest.mark.parametrize("stage", ["Benign", "Early", "Pre", "Pro"])
def test_usual_fields_are_neither_dark_nor_bright_empty_thin_or_thick(stage):
    for seed in range(12):
        ground = ground_of(paint_field(stage, seed, (320, 240)).image)
        assert exposure_fault(ground) is None
        assert cover_fault(find_cover(ground)) is None


@pytest.mark.parametrize(
    ("cover", "fault"),
    [
        (0.0, "empty"),
        (0.019, "empty"),
        (0.05, "too_thin"),
        (0.11, None),
        (0.79, None),
        (0.81, "too_thick"),
    ],
)
def test_cover_s_limits(cover, fault):
    assert cover_fault(Cover(cover, 0.0)) == fault


@pytest.mark.parametrize(
    ("brightness", "clipped", "fault"),
    [(0.34, 0.0, "too_dark"), (0.36, 0.0, None), (0.99, 0.84, None), (0.99, 0.86, "too_bright")],
)
def test_exposure_s_limits(brightness, clipped, fault):
    ground = Ground(brightness, clipped, 0.5, np.zeros((1, 1), np.uint8))
    assert exposure_fault(ground) == fault


def test_a_ground_that_is_white_is_not_too_bright_as_long_as_the_cells_are_seen():
    ground = ground_of(discs(0.3, 190, 255))
    assert ground.clipped > 0.5
    assert exposure_fault(ground) is None


def test_three_smears_over_each_other_are_too_thick():
    fields = [paint_field("Early", seed, (640, 480), laboratory=0).image for seed in range(9)]
    thick = 0
    for first in range(3):
        light = fields[first].astype(np.float32)
        for other in (fields[first + 3], fields[first + 6]):
            light *= np.minimum(other / np.percentile(other, 95, axis=(0, 1)), 1.1)
        thick += (
            cover_fault(find_cover(ground_of(np.clip(light, 0, 255).astype(np.uint8))))
            == "too_thick"
        )
    assert thick >= 2


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_one_grey_is_a_picture_of_nothing(level):
    ground = ground_of(np.full((480, 640, 3), level, np.uint8))
    assert ground.contrast == 0
    assert find_cover(ground) == Cover(0.0, 0.0)
