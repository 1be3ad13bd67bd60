import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.images.opencv import cv2
from leukoscope.models import colour

GROUND = (0.85, 0.80, 0.72)
RED_CELL = (0.80, 0.55, 0.52)


def field(side=56, ground=GROUND, cells=0.5, noise=0.01, seed=0):
    """A field of flat ground with red cells in its lower part, encoded sRGB [1, 3, side, side]."""
    image = torch.empty(1, 3, side, side)
    image[:] = torch.tensor(ground).reshape(1, 3, 1, 1)
    first = round(side * (1 - cells))
    image[:, :, first:] = torch.tensor(RED_CELL).reshape(1, 3, 1, 1)
    generator = torch.Generator().manual_seed(seed)
    return (image + noise * torch.randn(image.shape, generator=generator)).clamp(0, 1)


def test_lab_agrees_with_opencv_to_a_third_of_a_unit():
    """OpenCV interpolates in a table whose entries are 1/64 unit apart; 2.3 units are a just noticeable difference."""
    levels = np.linspace(0, 1, 18, dtype=np.float32)
    rgb = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    theirs = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)
    images = torch.from_numpy(rgb).permute(0, 2, 1)[..., None]
    ours = colour.to_lab(colour.to_linear(images))[..., 0].permute(0, 2, 1).numpy()
    assert np.abs(ours - theirs).max() < 0.35
    assert np.abs(ours - theirs).mean() < 0.1


def test_lab_of_named_colours():
    images = torch.tensor([[1.0, 1, 1], [0, 0, 0], [1, 0, 0]]).reshape(3, 3, 1, 1)
    lab = colour.to_lab(colour.to_linear(images)).reshape(3, 3)
    torch.testing.assert_close(lab[0], torch.tensor([100.0, 0, 0]), atol=0.02, rtol=0)
    torch.testing.assert_close(lab[1], torch.tensor([0.0, 0, 0]), atol=0.02, rtol=0)
    torch.testing.assert_close(lab[2], torch.tensor([53.24, 80.09, 67.20]), atol=0.05, rtol=0)


@pytest.mark.parametrize("level", [0.0, 0.04045, 1.0])
def test_gradient_of_lab_is_finite_at_the_bends(level):
    images = torch.full((1, 3, 2, 2), level, requires_grad=True)
    colour.to_lab(colour.to_linear(images)).sum().backward()
    assert torch.isfinite(images.grad).all()


def test_padding_is_rows_and_columns_that_are_white_from_end_to_end():
    image = field(16)
    image[:, :, :3] = 1.0
    image[:, :, 8:10, 8:10] = 1.0
    margin = colour.padding(image)
    assert margin[:, :, :3].eq(1).all()
    assert margin[:, :, 3:].eq(0).all()


def test_columns_are_padding_too():
    image = field(16)
    image[:, :, :, 14:] = 1.0
    margin = colour.padding(image)
    assert margin.shape == (1, 1, 16, 16)
    assert margin[..., 14:].eq(1).all()
    assert margin[..., :14].eq(0).all()


@pytest.mark.parametrize("cells", [0.1, 0.5, 0.8])
def test_ground_is_found_under_many_cells(cells):
    linear = colour.to_linear(field(cells=cells))
    found = colour.ground_colour(linear, torch.zeros(1, 1, 56, 56)).flatten()
    torch.testing.assert_close(found, colour.to_linear(torch.tensor(GROUND)), atol=0.02, rtol=0)


def test_white_margin_does_not_pass_for_ground():
    image = field()
    image[:, :, :14] = 1.0
    found = colour.ground_colour(colour.to_linear(image), colour.padding(image)).flatten()
    torch.testing.assert_close(found, colour.to_linear(torch.tensor(GROUND)), atol=0.02, rtol=0)


def test_white_corners_of_a_turned_image_do_not_pass_for_ground():
    image = field()
    corner = torch.ones(56, 56).triu(32).bool()
    image[:, :, corner | corner.flip(0, 1)] = 1.0
    found = colour.ground_colour(colour.to_linear(image), colour.padding(image)).flatten()
    torch.testing.assert_close(found, colour.to_linear(torch.tensor(GROUND)), atol=0.03, rtol=0)


def test_ground_that_is_truly_white_is_found():
    image = field(ground=(1.0, 1.0, 1.0), cells=0.6)
    image[:, :, :20] = 1.0
    found = colour.ground_colour(colour.to_linear(image), torch.zeros(1, 1, 56, 56)).flatten()
    torch.testing.assert_close(found, torch.ones(3), atol=0.03, rtol=0)


def test_a_bright_speck_does_not_pass_for_ground():
    image = field()
    image[:, :, 5:8, 5:8] = 1.0
    found = colour.ground_colour(colour.to_linear(image), colour.padding(image)).flatten()
    torch.testing.assert_close(found, colour.to_linear(torch.tensor(GROUND)), atol=0.03, rtol=0)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(0.3, 1.0)] * 3))
def test_transmittance_does_not_change_with_the_light(light):
    linear = colour.to_linear(field())
    margin = torch.zeros(1, 1, 56, 56)
    lit = linear * torch.tensor(light).reshape(1, 3, 1, 1)
    passed = colour.transmittance(linear, colour.ground_colour(linear, margin))
    again = colour.transmittance(lit, colour.ground_colour(lit, margin))
    assert (passed - again).abs().max() < 0.03


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_an_even_field_lets_all_light_through(level):
    linear = torch.full((1, 3, 8, 8), level)
    ground = colour.ground_colour(linear, torch.zeros(1, 1, 8, 8))
    torch.testing.assert_close(colour.transmittance(linear, ground), torch.ones(1, 3, 8, 8))


def test_weighted_channels():
    images = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    assert colour.weighted_channels(images, (1.0, 10.0, 100.0)).item() == 321.0
