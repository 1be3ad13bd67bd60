import numpy as np

from leukoscope.training.pictures import picture_of
from leukoscope.training.stage_views import _corners_covered, stage_view


def field(rng, width=120, height=90):
    return picture_of(rng.integers(0, 200, (height, width, 3), dtype=np.uint8), None, (1,))


def test_views_are_squares_with_white_padding(rng):
    picture = field(rng)
    for seed in range(60):
        sample = stage_view(picture, 48, np.random.default_rng(seed))
        assert sample.image.shape == (48, 48, 3) and sample.inside.shape == (48, 48)
        assert set(np.unique(sample.inside)) <= {0, 1}
        # A pixel that is wholly outside is white; at the border the field shines through.
        outside = sample.inside == 0
        whiter = sample.image[outside].astype(int).mean() if outside.any() else 255
        assert whiter > 235


def test_the_same_seed_gives_the_same_view(rng):
    picture = field(rng)
    one, again, other = (stage_view(picture, 48, np.random.default_rng(s)) for s in (3, 3, 4))
    assert np.array_equal(one.image, again.image) and not np.array_equal(one.image, other.image)


def test_the_picture_itself_is_never_touched(rng):
    picture = field(rng)
    before = [level.copy() for level in picture.levels]
    for seed in range(30):
        stage_view(picture, 32, np.random.default_rng(seed))
    assert all(map(np.array_equal, before, picture.levels))


def test_half_of_the_fields_lose_the_corner_with_the_scale_bar(rng):
    picture = field(rng)
    changed = np.zeros((90, 120))
    for seed in range(200):
        covered = _corners_covered(picture, np.random.default_rng(seed)).levels[0]
        changed += (covered != picture.levels[0]).any(2)
    corners = changed[[-2, -2, 1, 1], [-2, 1, -2, 1]] / 200
    assert 0.45 < corners[0] < 0.65 and (corners[1:] < 0.2).all() and (corners[1:] > 0.04).all()
    assert changed[45, 60] == 0


def test_a_mark_in_the_corner_is_often_covered():
    """A scale bar that only one class has would be learnt; half of the views must hide it."""
    image = np.full((100, 100, 3), 90, np.uint8)
    image[88:, 72:] = (0, 255, 0)
    seen = []
    for seed in range(200):
        view = stage_view(picture_of(image, None, (0,)), 64, np.random.default_rng(seed)).image
        green = (view[..., 1] > 200) & (view[..., 0] < 40)
        seen.append(green.sum() > 5)
    assert 0.2 < np.mean(seen) < 0.75


def test_bands_of_padding_come_on_either_pair_of_sides(rng):
    picture = field(rng, 90, 90)
    lying = standing = 0
    for seed in range(400):
        inside = stage_view(picture, 48, np.random.default_rng(seed)).inside
        lying += not inside[:2].any() and not inside[-2:].any() and inside[:, 24].any()
        standing += not inside[:, :2].any() and not inside[:, -2:].any() and inside[24].any()
    assert lying > 15 and standing > 15
