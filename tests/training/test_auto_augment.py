import numpy as np
import torch

from leukoscope.training.auto_augment import auto_augment


def draw(image, seed):
    return auto_augment(image, np.random.default_rng(seed))


def test_equal_draws_and_torchs_own_generator_is_left_alone(rng):
    image = torch.from_numpy(rng.random((3, 20, 20), dtype=np.float32))
    state = torch.get_rng_state()
    for seed in range(30):
        assert torch.equal(draw(image, seed), draw(image, seed))
    assert torch.equal(state, torch.get_rng_state())


def test_most_draws_change_something_and_none_leaves_the_range(rng):
    image = torch.from_numpy(rng.random((3, 19, 19), dtype=np.float32))
    found = [draw(image, seed) for seed in range(150)]
    changed = [not torch.allclose(one, image, atol=1e-6) for one in found]
    assert 0.5 < np.mean(changed) < 0.95
    assert all(one.shape == image.shape and one.min() >= 0 and one.max() <= 1 for one in found)
    assert len({round(float((one - image).abs().mean()), 6) for one in found}) > 60


def test_a_picture_stays_what_it_shows(rng):
    """Dark stays darker than light: no operation turns ground into cell."""
    image = torch.full((3, 24, 24), 0.9)
    image[:, 6:18, 6:18] = torch.tensor([0.4, 0.2, 0.6])[:, None, None]
    for seed in range(150):
        found = draw(image, seed)
        assert found[:, 10:14, 10:14].mean() < found[:, :3].mean() - 0.1, seed
