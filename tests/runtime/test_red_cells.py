import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from leukoscope.images.classes import STAGES
from leukoscope.images.decode import read_image
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.red_cells import DIAMETER_UM
from leukoscope.images.painter.scene import REFERENCE_CELL_UM
from leukoscope.runtime.red_cells import RedCells, measure_red_cells

GROUND, HAEMOGLOBIN, NUCLEUS = (235, 232, 228), (205, 150, 148), (95, 40, 130)
OVER = 4
"""Circles are drawn so many times as large and reduced, so that their edges are smooth."""


def smear(discs, size_px=(640, 480), colour=HAEMOGLOBIN, pallor=0.0):
    """A field of discs (x, y, diameter), as wide as they say; `pallor` the width of their pale middles."""
    width, height = size_px
    canvas = np.full((height * OVER, width * OVER, 3), GROUND, np.uint8)
    for part, paint in ((1.0, colour), (pallor, GROUND)):
        for x, y, diameter in discs:
            radius = round(diameter * part * OVER / 2)
            if radius:
                at = (round((x + 0.5) * OVER), round((y + 0.5) * OVER))
                cv2.circle(canvas, at, radius, paint, cv2.FILLED)
    return cv2.resize(canvas, size_px, interpolation=cv2.INTER_AREA)


def rows(diameter, pitch, size_px=(640, 480)):
    """Discs in rows, the outer ones whole."""
    width, height = size_px
    margin = diameter
    return [
        (x, y, diameter)
        for y in np.arange(margin, height - margin, pitch)
        for x in np.arange(margin, width - margin, pitch)
    ]


@pytest.mark.parametrize("diameter", [12, 15, 24, 47, 60, 90])
def test_discs_are_as_wide_as_they_were_drawn(diameter):
    found = measure_red_cells(smear(rows(diameter, 1.4 * diameter)))
    assert found.confident
    assert found.diameter_px == pytest.approx(diameter, rel=0.05)
    assert found.spread < 0.05


@pytest.mark.parametrize("pallor", [0.3, 0.6])
def test_a_pale_middle_changes_nothing(pallor):
    found = measure_red_cells(smear(rows(48, 70), pallor=pallor))
    assert found.diameter_px == pytest.approx(48, rel=0.05)


def test_touching_and_overlapping_cells_are_measured_one_by_one():
    chains = [(60 + 40 * x, 60 + 120 * y, 48) for y in range(4) for x in range(13)]
    found = measure_red_cells(smear(chains))
    assert found.diameter_px == pytest.approx(48, rel=0.07)


@pytest.mark.parametrize("seed", range(8))
def test_a_painted_fields_scale_is_found(seed):
    size_px = [(640, 480), (224, 224)][seed % 2]
    white_cell_px = 0.13 * size_px[0]
    field = paint_field(STAGES[seed % 4], 300 + seed, size_px, white_cell_px)
    found = measure_red_cells(field.image)
    assert found.confident and found.count >= 6
    truth = DIAMETER_UM * white_cell_px / REFERENCE_CELL_UM
    assert found.diameter_px == pytest.approx(truth, rel=0.1)


@pytest.mark.parametrize("white_cell_px", [25, 150])
def test_the_cells_may_be_small_or_large_in_the_field(white_cell_px):
    found = measure_red_cells(paint_field("Pre", 21, (640, 480), white_cell_px).image)
    truth = DIAMETER_UM * white_cell_px / REFERENCE_CELL_UM
    assert found.diameter_px == pytest.approx(truth, rel=0.1)


def test_a_large_field_of_small_cells():
    field = paint_field("Early", 4, (2000, 1500), 48.0)
    found = measure_red_cells(field.image)
    assert found.confident
    assert found.diameter_px == pytest.approx(DIAMETER_UM * 48 / REFERENCE_CELL_UM, rel=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_half_once_and_twice_the_size_agree(seed):
    once = paint_field(STAGES[seed], 40 + seed).image
    half = cv2.resize(once, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    twice = cv2.resize(once, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    widths = [measure_red_cells(one).diameter_px for one in (half, once, twice)]
    assert widths[0] * 2 == pytest.approx(widths[1], rel=0.05)
    assert widths[2] / 2 == pytest.approx(widths[1], rel=0.05)


def test_nucleated_cells_are_no_red_cells():
    """Twice as wide and more of the outline: without the nuclei's exclusion they would win."""
    red = [(x, y, 40) for x, y, _ in rows(40, 90)][:14]
    field = smear(red)
    blasts = [(70 + 100 * x, 330 + 90 * y, 80) for y in range(2) for x in range(6)]
    drawn = smear(blasts, colour=NUCLEUS)
    dark = (drawn != GROUND).any(axis=2)
    field[dark] = drawn[dark]
    assert measure_red_cells(field).diameter_px == pytest.approx(40, rel=0.1)


@pytest.mark.parametrize("size_px", [(32, 32), (224, 224), (640, 480)])
def test_an_empty_field_has_none(size_px):
    assert measure_red_cells(np.full((*size_px[::-1], 3), 230, np.uint8)) is None


def test_noise_has_none():
    noise = np.random.default_rng(3).normal(200, 12, (480, 640, 3)).clip(0, 255).astype(np.uint8)
    assert measure_red_cells(noise) is None


def test_four_cells_are_too_few():
    few = [(100, 100, 80), (300, 120, 80), (500, 130, 80), (320, 350, 80)]
    assert measure_red_cells(smear(few)) is None


def test_a_few_specks_are_no_cells():
    specks = [(60 + 70 * n, 100 + 30 * (n % 3), 12) for n in range(8)]
    assert measure_red_cells(smear(specks)) is None


def test_cells_that_the_border_cuts_do_not_count():
    """Halves and quarters at the border alone: what is seen of them is no measure."""
    width, height = 640, 480
    cut = [(x, y, 60) for x in range(0, width + 1, 80) for y in (0, height - 1)]
    found = measure_red_cells(smear(cut))
    assert found is None or found.diameter_px == pytest.approx(60, rel=0.1)


def test_the_field_is_only_read():
    field = smear(rows(30, 42))
    field.flags.writeable = False
    before = field.copy()
    assert isinstance(measure_red_cells(field), RedCells)
    assert np.array_equal(before, field)


def test_a_view_into_a_larger_field_is_taken():
    field = smear(rows(30, 42))
    view = np.flip(field, axis=1)
    once = measure_red_cells(field).diameter_px
    assert measure_red_cells(view).diameter_px == pytest.approx(once, rel=0.03)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(32, 90), st.integers(32, 90), st.just(3)),
        elements=st.sampled_from([0, 3, 128, 250, 255]),
    )
)
def test_anything_is_measured_or_refused(pixels):
    found = measure_red_cells(pixels)
    if found is not None:
        assert np.isfinite([found.diameter_px, found.spread]).all()
        assert 6 <= found.diameter_px <= 90 and found.count >= 5


def test_the_bccd_fields_read_by_eye(shared_data):
    """Four fields whose red cells were measured with a grid laid over them (docs/colours.md)."""
    for number, by_eye in {172: 99, 205: 89, 319: 93, 400: 93}.items():
        path = shared_data / "bccd" / "images" / f"BloodImage_{number:05d}.jpg"
        found = measure_red_cells(read_image(path))
        assert found.confident
        assert found.diameter_px == pytest.approx(by_eye, rel=0.1)
