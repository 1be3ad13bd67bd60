"""The sharpness: of the edges, not of the noise, the light or the number of cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.choose import sharpness
from leukoscope.runtime.choose.sharpness import SharpnessMeter

measure = SharpnessMeter()


@pytest.fixture(scope="module")
def fields():
    """Of one microscope: windows of one large field."""
    large = paint_field("Pre", 4, (1280, 960), white_cell_px=75.0, laboratory=0).image
    return [large[y : y + 480, x : x + 640] for y in (0, 480) for x in (0, 640)]


def noisy(image, sigma, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def blurred(image, sigma):
    return cv2.GaussianBlur(image, (0, 0), sigma)


@pytest.mark.parametrize("noise", [0.0, 2.0, 4.0])
def test_it_falls_with_every_step_of_blur_under_noise(fields, noise):
    for field in fields:
        row = [measure(noisy(blurred(field, s), noise)) for s in (0.5, 1.0, 1.5, 2.0, 3.0)]
        assert row == sorted(row, reverse=True)
        assert row[3] < 0.75 * row[0]


def test_fields_of_one_microscope_are_alike(fields):
    row = [measure(field) for field in fields]
    assert min(row) > 0.85 * max(row)


@pytest.mark.parametrize("noise", [1.0, 3.0, 5.0])
def test_noise_does_not_count(fields, noise):
    for field in fields:
        assert measure(noisy(field, noise)) == pytest.approx(measure(field), rel=0.06)


@pytest.mark.parametrize("gain", [0.4, 0.7])
def test_light_does_not_count(fields, gain):
    for field in fields:
        dim = np.rint(field * gain).astype(np.uint8)
        assert measure(dim) == pytest.approx(measure(field), rel=0.06)


def test_noise_alone_is_not_sharp():
    rng = np.random.default_rng(0)
    assert measure(rng.integers(0, 256, (480, 640, 3), np.uint8)) == 0
    assert measure(noisy(np.full((480, 640, 3), 180, np.uint8), 4.0)) == 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_one_grey_has_no_edge(level):
    assert measure(np.full((480, 640, 3), level, np.uint8)) == 0.0


def test_a_sensor_of_twice_the_pixels_is_measured_at_its_half():
    small = paint_field("Early", 6, (1000, 800), white_cell_px=90.0, laboratory=2).image
    large = cv2.resize(small, (2000, 1600), interpolation=cv2.INTER_CUBIC)
    assert measure(large) == pytest.approx(measure(small), rel=0.15)


@given(st.integers(32, 200), st.integers(32, 200), st.integers(0, 5))
def test_any_small_picture_has_a_finite_sharpness(height, width, seed):
    rng = np.random.default_rng(seed)
    found = measure(rng.integers(0, 256, (height, width, 3), np.uint8))
    assert 0 <= found < 10


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (32, 4000), (4000, 32), (9, 9)])
def test_any_shape_is_measured(size):
    assert np.isfinite(measure(np.zeros((*size, 3), np.uint8)))


def test_the_noise_s_part_in_both_derivatives_is_as_stated():
    noise = np.random.default_rng(0).standard_normal((1500, 1500)).astype(np.float32)
    taps = (sharpness.FINE_TAPS, sharpness.FINE_TAPS)
    fine = cv2.GaussianBlur(noise, taps, sharpness.FINE_PX)
    across, down = np.empty_like(fine), np.empty_like(fine)
    sharpness._slopes(fine, across, down)
    inner = (slice(8, -8), slice(8, -8))
    bend = cv2.Laplacian(fine, cv2.CV_32F)[inner]
    assert np.mean(bend**2) == pytest.approx(sharpness.LAPLACIAN_GAIN, rel=0.02)
    found = np.mean(across[inner] ** 2 + down[inner] ** 2)
    assert found == pytest.approx(sharpness.GRADIENT_GAIN, rel=0.02)
    assert np.sqrt((sharpness.NOISE_KERNEL**2).sum()) == sharpness.NOISE_GAIN


def test_a_meter_measures_the_same_after_another_size(fields):
    meter = SharpnessMeter()
    first = meter(fields[0])
    meter(fields[0][:200, :300])
    assert meter(fields[0]) == first


def test_the_frame_is_left_as_it_is(fields):
    field = fields[0].copy()
    field.setflags(write=False)
    measure(field)
    assert np.array_equal(field, fields[0])
