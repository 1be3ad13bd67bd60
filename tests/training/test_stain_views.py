import numpy as np

from leukoscope.images.contract import Contract, place
from leukoscope.training.pictures import picture_of
from leukoscope.training.stain_views import stain_views


def pictures(rng):
    image = rng.integers(60, 240, (50, 70, 3), dtype=np.uint8)
    return [picture_of(image, None, (0,), sha256=digest * 64) for digest in "ab"]


def test_the_first_view_is_what_the_contract_shows_and_the_rest_differ(rng):
    picture = pictures(rng)[0]
    contract = Contract(64)
    views = stain_views(picture, contract, 5, seed=1)
    assert np.array_equal(views[0], place(picture.levels[0], contract)[0])
    assert len(views) == 5 and len({view.tobytes() for view in views}) == 5
    for view in views:
        assert view.dtype == np.uint8 and view.shape == (64, 64, 3)


def test_views_follow_seed_and_image_but_not_the_order(rng):
    one, other = pictures(rng)
    contract = Contract(48)
    first = stain_views(one, contract, 3, seed=1)
    stain_views(other, contract, 3, seed=1)
    assert all(map(np.array_equal, first, stain_views(one, contract, 3, seed=1)))
    assert not np.array_equal(first[1], stain_views(one, contract, 3, seed=2)[1])
    assert not np.array_equal(first[1], stain_views(other, contract, 3, seed=1)[1])


def test_painted_fields_have_views_of_their_own(rng):
    """Without a file there is no hash of one; the turns and stains must differ all the same."""
    flat = [np.full((40, 40, 3), level, np.uint8) for level in (120, 121)]
    for image in flat:
        image[:10] = 60
    one, other = (
        stain_views(picture_of(image, None, (0,)), Contract(40), 6, seed=1) for image in flat
    )
    apart = [np.abs(a.astype(int) - b).mean() for a, b in zip(one[1:], other[1:], strict=True)]
    assert np.mean(apart) > 5
