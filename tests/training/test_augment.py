import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.training.augment import ColourJitter, augmented, jitter_colour
from leukoscope.training.stain_vectors import GIEMSA
from leukoscope.training.views import Sample

STRONG = ColourJitter().scaled(3.0)
NONE = ColourJitter().scaled(0.0)


def batch(seed, count=4, side=24):
    rng = np.random.default_rng(seed)
    images = torch.from_numpy(rng.random((count, 3, side, side), dtype=np.float32))
    inside = torch.ones(count, 1, side, side)
    inside[:, :, :5] = 0
    inside[0, :, :, -3:] = 0
    return images * inside + (1 - inside), inside


def samples_of(images, inside):
    pixels = (images * 255).round().byte().permute(0, 2, 3, 1).numpy()
    masks = inside[:, 0].byte().numpy()
    return [Sample(image, None, mask) for image, mask in zip(pixels, masks, strict=True)]


def both(images, inside, seed, jitter=STRONG):
    return augmented(samples_of(images, inside), jitter, np.random.default_rng(seed))


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_padding_stays_white_and_values_in_range(seed):
    images, inside = batch(seed, count=6)
    rng = np.random.default_rng(seed)
    for found in (jitter_colour(images, inside, STRONG, rng), both(images, inside, seed)):
        assert found.shape == images.shape and found.dtype == torch.float32
        assert float(found.min()) >= 0 and float(found.max()) <= 1
        assert bool((found[(inside == 0).expand_as(found)] == 1).all())


def test_the_same_seed_gives_the_same_batch_and_another_another():
    images, inside = batch(1)
    one, again, other = (both(images, inside, seed) for seed in (5, 5, 6))
    assert torch.equal(one, again) and not torch.equal(one, other)


def test_each_image_of_a_batch_is_drawn_for_itself():
    images, inside = batch(1, count=1)
    images, inside = images.expand(3, -1, -1, -1), inside.expand(3, -1, -1, -1)
    found = jitter_colour(images, inside, STRONG, np.random.default_rng(1))
    assert not torch.allclose(found[0], found[1], atol=0.01)
    assert not torch.allclose(found[1], found[2], atol=0.01)


def test_no_jitter_leaves_the_colours():
    images, inside = batch(2)
    images = images.clamp(1 / 255, 1)
    found = jitter_colour(images, inside, NONE, np.random.default_rng(1))
    assert torch.allclose(found, images, atol=1e-5)


def test_scaling_multiplies_every_deviation():
    doubled = ColourJitter().scaled(2.0)
    for name, value in vars(ColourJitter()).items():
        assert getattr(doubled, name) == 2 * value


OTHERS = ((0.6, 0.8, 0.0), (0.1, 0.9, 0.4))


@pytest.mark.parametrize("stain", [0, 1])
@pytest.mark.parametrize("stains", [GIEMSA, OTHERS])
def test_stain_amounts_act_along_the_stains(stain, stains):
    """Where only one stain's amount may change, a pixel of pure stain moves along its own direction in density."""
    direction = torch.tensor(stains[stain]).clamp(min=1e-3)
    images = (-0.6 * direction / direction.norm()).exp().view(1, 3, 1, 1).expand(8, 3, 4, 4)
    jitter = ColourJitter(**{**vars(NONE), "stain_amount": 0.3})
    rng = np.random.default_rng(4)
    found = jitter_colour(images, torch.ones(8, 1, 4, 4), jitter, rng, [stains] * 8)
    density = -found[:, :, 0, 0].log()
    ratios = (density / direction)[:, direction > 0.05]
    assert torch.allclose(ratios, ratios[:, :1].expand_as(ratios), rtol=2e-2)
    assert float(ratios[:, 0].std()) > 0.05


def test_without_the_policy_only_colours_change():
    images, inside = batch(4)
    plain = augmented(samples_of(images, inside), NONE, np.random.default_rng(1), auto=False)
    assert torch.allclose(plain, images.clamp(1 / 255, 1), atol=0.01)
    assert not torch.allclose(both(images, inside, 1, NONE), images, atol=0.05)


def test_sides_that_no_block_divides():
    images, inside = batch(3, count=40, side=19)
    assert both(images, inside, 1).shape == images.shape


def test_samples_become_images_with_channels_first():
    image = np.zeros((16, 16, 3), np.uint8)
    image[..., 0], image[..., 2] = 255, 51
    inside = np.ones((16, 16), np.uint8)
    inside[:2] = 0
    rng = np.random.default_rng(11)
    found = augmented([Sample(image, None, inside)], NONE, rng, auto=False)
    assert found.shape == (1, 3, 16, 16)
    assert torch.allclose(found[0, :, 8, 8], torch.tensor([1, 1 / 255, 0.2]), atol=0.04)
    assert bool((found[0, :, :2] == 1).all())
