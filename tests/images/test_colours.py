import cv2
import numpy as np
import pytest
from flat_smears import flat_smear
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from leukoscope.images.colours import NAMES, gather, measure_colours
from leukoscope.images.painter.field import paint_field

FIELD = paint_field("Early", 5).image


def test_a_vector_has_a_name_for_each_number():
    vector = measure_colours(FIELD)
    assert vector.shape == (len(NAMES),) and vector.dtype == np.float64
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector[3:6]) == pytest.approx(1)
    assert np.linalg.norm(vector[6:9]) == pytest.approx(1)


@pytest.mark.parametrize("factor", [0.5, 2, 3])
def test_the_size_of_the_field_does_not_matter(factor):
    resized = cv2.resize(FIELD, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert measure_colours(resized) == pytest.approx(measure_colours(FIELD), abs=0.06)


def test_the_number_of_cells_matters_less_than_the_lamp():
    """A field and its half with fewer cells are nearer than the field under a lamp 15 % dimmer."""
    one = measure_colours(FIELD)
    half = measure_colours(np.ascontiguousarray(FIELD[:, :320]))
    dimmer = measure_colours((FIELD * 0.85).astype(np.uint8))
    ground = slice(0, 3)
    assert np.abs(half - one)[ground].max() < 0.3 * np.abs(dimmer - one)[ground].min()


def test_a_dimmer_lamp_is_ground_alone():
    """Density is over the ground: the lamp changes the ground's and nothing else."""
    one, dimmer = (measure_colours(image) for image in (FIELD, (FIELD * 0.8).astype(np.uint8)))
    assert dimmer[:3] - one[:3] == pytest.approx([-np.log10(0.8)] * 3, abs=0.01)
    assert dimmer[3:] == pytest.approx(one[3:], abs=0.05)


def test_more_stain_is_longer_and_lies_the_same_way():
    smear = flat_smear(0, 1)
    density = -np.log10((smear + 1) / 256)
    deeper = (256 * 10 ** (-1.3 * density) - 1).clip(0, 255).astype(np.uint8)
    one, more = measure_colours(smear), measure_colours(deeper)
    assert (more[9:] > one[9:] + 0.1).all()
    assert more[3:9] == pytest.approx(one[3:9], abs=0.06)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_field_without_stain_says_nothing(level):
    assert measure_colours(np.full((480, 640, 3), level, np.uint8)) is None


def test_the_statistics_are_of_the_stained_fields():
    fields = [paint_field("Pre", seed, (160, 120), laboratory=2).image for seed in range(32)]
    empty = np.full((120, 160, 3), 240, np.uint8)
    found = gather([*fields, empty])
    assert found.fields == 32
    assert found.mean == pytest.approx(
        np.mean([measure_colours(one) for one in fields], 0), abs=0.1
    )
    assert gather(fields[:20]) is None


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(32, 60), st.integers(32, 60), st.just(3)),
        elements=st.sampled_from([0, 3, 128, 250, 255]),
    )
)
def test_any_picture_has_finite_colours_or_none(pixels):
    vector = measure_colours(pixels)
    assert vector is None or np.isfinite(vector).all()
