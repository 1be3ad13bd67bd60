import numpy as np
import pytest

from leukoscope.runtime.sources.slide_path import FOCUSED, LEFT, SHARP, draw_path
from leukoscope.runtime.sources.slide_request import SlideRequest

FIELD = (640, 480)


def path_of(**asked):
    return draw_path(SlideRequest(**{"returns": 0.0, "blurred": 0.0, **asked}))


@pytest.mark.parametrize("seed", range(4))
def test_neighbours_overlap_as_asked(seed):
    """Along a row by the share of the width, from row to row by that of the height; 1 % a stop lies off its row."""
    stops = path_of(seed=seed, stops=36, overlap=(0.2, 0.6)).stops
    corners = np.array([stop.corner_px for stop in stops]).reshape(6, 6, 2)
    along = 1 - np.abs(np.diff(corners[..., 0], axis=1)) / FIELD[0]
    assert along.min() >= 0.2 and along.max() <= 0.6 and along.max() - along.min() > 0.2
    down = 1 - np.diff(corners[..., 1].mean(1)) / FIELD[1]
    assert down.min() >= 0.18 and down.max() <= 0.62


def test_rows_go_to_and_fro():
    corners = np.array([s.corner_px for s in path_of(stops=16).stops]).reshape(4, 4, 2)
    ways = np.sign(np.diff(corners[..., 0], axis=1))
    assert (ways == [[1], [-1], [1], [-1]]).all()
    ends = np.abs(corners[1:, 0, 0] - corners[:-1, -1, 0])
    assert ends.max() < FIELD[0]


@pytest.mark.parametrize("stops", [1, 2, 3, 7, 40, 400])
def test_the_slide_holds_every_field_with_ground_about_it(stops):
    path = draw_path(SlideRequest(stops=stops, returns=0.3))
    corners = np.array([stop.corner_px for stop in path.stops])
    assert len(path.stops) == stops and corners.min() > 20
    assert (corners + FIELD < np.array(path.slide_px) - 20).all()


def test_the_largest_path_fits_on_the_largest_slide():
    from leukoscope.images.painter.slide import MAX_PIXELS

    for seed in range(3):
        width, height = draw_path(SlideRequest(seed=seed, stops=400, returns=0.0)).slide_px
        assert width * height < MAX_PIXELS


def test_the_stated_share_goes_back_to_an_earlier_place_but_not_quite():
    stops = path_of(stops=40, returns=0.25).stops
    visits = [(i, s) for i, s in enumerate(stops) if s.returns_to is not None]
    assert len(visits) == 10
    for index, stop in visits:
        assert stop.returns_to <= index - 3
        x, y = np.subtract(stop.corner_px, stops[stop.returns_to].corner_px)
        assert 2 <= np.hypot(x, y) <= 20


def test_focus_errors_are_of_both_kinds():
    stops = path_of(stops=40, blurred=0.3, returns=0.1).stops
    kinds = [stop.focus for stop in stops]
    assert (kinds.count(FOCUSED), kinds.count(LEFT), kinds.count(SHARP)) == (6, 6, 28)
    assert all((stop.defocus_px > 2) == (stop.focus != SHARP) for stop in stops)


@pytest.mark.parametrize("returns", [0.5, 0.9])
def test_many_visits_still_find_an_earlier_stop(returns):
    for stops in (2, 3, 10):
        path = path_of(stops=stops, returns=returns)
        assert all(s.returns_to is None or s.returns_to < i for i, s in enumerate(path.stops))


def test_a_path_follows_from_its_seed():
    assert path_of(seed=1) == path_of(seed=1) != path_of(seed=2)
