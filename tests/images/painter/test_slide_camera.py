import numpy as np
import pytest

from leukoscope.images.opencv import cv2
from leukoscope.images.painter.slide_camera import Shot, SlideCamera

SIZE = (160, 120)


@pytest.fixture(scope="module")
def camera():
    return SlideCamera(3, SIZE)


def flat(value=200):
    return np.full((400, 500, 3), value, np.uint8)


def spotted(x, y):
    """A slide with one dark disc."""
    slide = flat()
    cv2.circle(slide, (x, y), 9, (40, 40, 40), cv2.FILLED)
    return slide


def middle(picture):
    """The mean place of what is dark."""
    dark = np.clip(180.0 - picture.mean(2), 20, None) - 20
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return (dark * x).sum() / dark.sum(), (dark * y).sum() / dark.sum()


def test_a_field_shows_the_slide_at_its_corner(camera):
    picture = camera.shoot(spotted(180, 150), Shot((100.0, 80.0)), 1)
    assert picture.shape == (120, 160, 3) and picture.dtype == np.uint8
    assert middle(picture) == pytest.approx((80, 70), abs=0.3)


def test_places_between_pixels_count(camera):
    picture = camera.shoot(spotted(180, 150), Shot((100.5, 79.5)), 1)
    assert middle(picture) == pytest.approx((79.5, 70.5), abs=0.3)


@pytest.mark.parametrize("travel", [(40.0, 0.0), (0.0, -33.0), (-21.0, 12.0), (1.2, 0.0)])
def test_a_moving_field_is_smeared_along_its_way_and_stays_in_place(camera, travel):
    slide = spotted(180, 150)
    still = camera.shoot(slide, Shot((100.0, 80.0)), 1)
    moved = camera.shoot(slide, Shot((100.0, 80.0), travel), 1)
    assert middle(moved) == pytest.approx(middle(still), abs=1.1)
    # The same number has the same noise: what is left is the disc.
    ground = camera.shoot(flat(), Shot((100.0, 80.0), travel), 1)
    dark = np.argwhere((ground.astype(int) - moved).mean(2) > 5)
    height, width = dark.max(0) - dark.min(0)
    assert width == pytest.approx(19 + abs(travel[0]), abs=6)
    assert height == pytest.approx(19 + abs(travel[1]), abs=6)
    assert moved.mean() == pytest.approx(still.mean(), abs=1)


def test_defocus_takes_the_edges_and_keeps_the_light(camera):
    slide = spotted(180, 150)
    sharp, soft = (camera.shoot(slide, Shot((100.0, 80.0), defocus_px=s), 1) for s in (0.0, 4.0))

    def edges(picture):
        return np.abs(np.diff(cv2.GaussianBlur(picture, (0, 0), 1.0).astype(int), axis=1)).max()

    assert edges(soft) < 0.5 * edges(sharp) and soft.mean() == pytest.approx(sharp.mean(), abs=1)


def test_exposure_is_a_factor(camera):
    one, less = (camera.shoot(flat(), Shot((50.0, 50.0), exposure=e), 1) for e in (1.0, 0.8))
    assert less.mean() == pytest.approx(0.8 * one.mean(), rel=0.01)


def test_noise_is_fresh_for_each_frame_and_the_same_for_the_same_number(camera):
    one, again, other = (camera.shoot(flat(), Shot((50.0, 50.0)), n).astype(int) for n in (1, 1, 2))
    assert np.array_equal(one, again)
    off = one - other
    assert 0.5 < off.std() < 8 and abs(np.corrcoef(off[:-1].ravel(), off[1:].ravel())[0, 1]) < 0.05


def test_dust_and_uneven_light_stay_where_they_are_while_the_stage_moves(camera):
    def mean_of(corner):
        return np.mean([camera.shoot(flat(), Shot(corner), n) for n in range(24)], axis=0)

    one, other = mean_of((20.0, 20.0)), mean_of((200.0, 100.0))
    shape = one / one.mean()
    assert shape.max() - shape.min() > 0.04
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.8


def test_another_seed_is_another_camera():
    pictures = [
        np.mean([SlideCamera(s, SIZE).shoot(flat(), Shot((9.0, 9.0)), n) for n in range(8)], axis=0)
        for s in (1, 2)
    ]
    assert np.abs(pictures[0] - pictures[1]).max() > 4


def test_beyond_the_edge_the_edge_goes_on(camera):
    picture = camera.shoot(flat(), Shot((-30.0, 370.0), travel_px=(20.0, 0.0)), 1)
    assert picture.min() > 100
