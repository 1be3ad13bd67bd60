import numpy as np
import pytest

from leukoscope.training.cell_views import (
    LEAST_TYPED_PX,
    cell_crop,
    draw_view,
    middle_crop,
)
from leukoscope.training.pictures import Cell, cells_of_mask, picture_of

SIDE = 64


def seeds(count=60):
    return (np.random.default_rng(seed) for seed in range(count))


@pytest.fixture
def crowd(make_disc):
    """Two cells of one unknown type each, far apart."""
    image, mask = make_disc(160, 18, centre=(40, 40))
    other, more = make_disc(160, 14, centre=(120, 110))
    both = np.maximum(mask, more)
    image[more > 0] = other[more > 0]
    return picture_of(image, both, (3,), cells=cells_of_mask(both, (3,)))


def test_every_view_of_a_masked_picture_has_its_mask(make_picture, crowd):
    partners = [make_picture((index,)) for index in range(4)]
    for picture in (partners[0], crowd):
        for rng in seeds():
            shown = draw_view(picture, partners, SIDE, rng)
            sample = shown.sample
            assert sample.image.shape == (SIDE, SIDE, 3) and sample.mask.shape == (SIDE, SIDE)
            dark = (sample.image[..., 0] < 120) & (sample.inside == 1)
            assert (sample.mask[dark] == 2).mean() > 0.7 if dark.sum() > 20 else True
            assert not sample.mask[sample.inside == 0].any()


def test_a_type_is_asked_only_where_it_is_certain(make_picture, crowd):
    """With two cells nobody knows whose the label is; without it nothing may be asked."""
    for rng in seeds(150):
        shown = draw_view(crowd, [], SIDE, rng)
        whole_image = shown.target == (3,)
        assert shown.target in ((), (3,))
        if whole_image:  # only the whole image has the image's label
            assert (shown.sample.mask == 2).sum() > 0
    crops = [draw_view(make_picture((5,)), [], SIDE, rng).target for rng in seeds()]
    assert set(crops) <= {(), (5,)} and crops.count((5,)) > 20


def test_an_unlabelled_picture_never_asks_a_type(make_picture):
    for masked in (True, False):
        picture = make_picture((), masked=masked)
        assert all(draw_view(picture, [], SIDE, rng).target == () for rng in seeds())


def test_pictures_without_a_mask_give_none(make_picture):
    shown = [draw_view(make_picture((2,), masked=False), [], SIDE, rng) for rng in seeds(20)]
    assert all(one.sample.mask is None and one.target == (2,) for one in shown)


def test_tiny_cells_are_not_asked_for_their_type(make_disc):
    image, mask = make_disc(400, 12)
    picture = picture_of(image, mask, (), cells=cells_of_mask(mask, (1,)))
    for rng in seeds(200):
        shown = draw_view(picture, [], 224, rng)
        if shown.target:
            diameter = np.sqrt((shown.sample.mask > 0).sum() * 4 / np.pi)
            assert diameter > 0.7 * LEAST_TYPED_PX


def test_rare_types_of_a_field_are_drawn_as_often_as_frequent_ones(make_disc):
    image, mask = make_disc(96, 20)
    cells = [Cell((48.0, 48.0), 40.0, (7,)) for _ in range(30)] + [Cell((48.0, 48.0), 40.0, (0,))]
    picture = picture_of(image, mask, (), cells=tuple(cells))
    targets = [draw_view(picture, [], 32, rng).target for rng in seeds(300)]
    assert 0.35 < targets.count((0,)) / (targets.count((0,)) + targets.count((7,))) < 0.65


def test_mosaics_put_cells_of_several_images_off_the_centre(make_disc):
    grounds = [(200, 0, 220), (240, 60, 200), (230, 120, 240), (210, 250, 210)]
    partners = []
    for ground in grounds:
        image, mask = make_disc(64, 13, ground)
        partners.append(picture_of(image, mask, (0,), cells=cells_of_mask(mask, (0,))))
    centres, many, mixed = [], 0, 0
    for rng in seeds(150):
        sample = draw_view(partners[0], partners, SIDE, rng).sample
        mask = sample.mask
        shares = [(sample.image == ground).all(2).mean() for ground in grounds]
        mixed += sum(share > 0.02 for share in shares) > 1
        found = cells_of_mask(mask, ())
        many += len(found) > 1
        centres += [cell.centre_px for cell in found]
    spread = np.std(np.array(centres) - SIDE / 2, axis=0)
    assert many > 15 and spread.min() > SIDE / 8 and mixed > 4


def test_the_same_seed_gives_the_same_view(crowd):
    one, again = (draw_view(crowd, [], SIDE, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one.sample.image, again.sample.image) and one.target == again.target


def test_a_cell_crop_is_two_diameters_wide_about_the_cell(make_disc):
    image, mask = make_disc(200, 20, centre=(60, 130))
    picture = picture_of(image, mask, (1,), cells=cells_of_mask(mask, (1,)))
    crop = cell_crop(picture, picture.cells[0], 80)
    rows, columns = np.nonzero(crop.mask)
    for where in (rows, columns):
        assert where.min() == pytest.approx(20, abs=2) and where.max() == pytest.approx(60, abs=2)


def test_a_middle_crop_shows_its_share_of_the_shorter_side(make_disc):
    image, _ = make_disc(100, 30)
    crop = middle_crop(picture_of(image, None, (1,)), 90, share=0.6)
    inside = (crop.image[..., 1] < 180).mean() * 90**2
    assert np.sqrt(inside * 4 / np.pi) == pytest.approx(60 / 60 * 90, rel=0.05)
