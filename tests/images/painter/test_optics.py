import numpy as np

from leukoscope.images.painter.optics import burn_scale_bar, photograph


def camera(seed, light=None):
    light = np.full((90, 120, 3), 200, np.float32) if light is None else light
    return photograph(np.random.default_rng(seed), light, 0.8)


def test_an_empty_field_is_lit_nearly_evenly_with_some_noise():
    for seed in range(15):
        image = camera(seed).astype(float)
        assert image.shape == (90, 120, 3)
        assert 165 < image.mean() < 210
        blocks = image.reshape(9, 10, 12, 10, 3).mean(axis=(1, 3))
        assert np.ptp(blocks) < 0.3 * image.mean()
        assert 0.2 < (image[:, 1:] - image[:, :-1]).std() < 7


def test_the_light_differs_from_field_to_field():
    means = [camera(seed).mean() for seed in range(15)]
    assert np.std(means) > 3


def test_noise_is_not_the_same_in_the_three_channels():
    noise = camera(3).astype(float)
    noise -= noise.mean(axis=(0, 1))
    across = np.corrcoef(noise[1:-1, 1:-1].reshape(-1, 3).T)
    assert np.abs(across - np.eye(3)).max() < 0.9


def test_edges_are_blurred():
    light = np.full((60, 60, 3), 250, np.float32)
    light[:, 30:] = 50
    image = camera(1, light).astype(float)
    middle = image[:, 28:33, 0].mean(axis=0)
    assert (np.diff(middle) < 0).all() and np.abs(np.diff(middle)).max() < 190


def test_a_scale_bar_hides_a_corner_and_nothing_else():
    boxed = 0
    for seed in range(20):
        image = np.full((240, 320, 3), 180, np.uint8)
        hidden = burn_scale_bar(np.random.default_rng(seed), image)
        assert hidden.any() and (image[~hidden] == 180).all()
        rows, columns = np.nonzero(hidden)
        assert rows.min() > 200 and (columns.max() < 100 or columns.min() > 220)
        boxed += hidden.sum() > 300
    assert 3 < boxed < 17


def test_a_scale_bar_fits_the_smallest_field():
    image = np.full((32, 32, 3), 180, np.uint8)
    assert burn_scale_bar(np.random.default_rng(1), image).any()
