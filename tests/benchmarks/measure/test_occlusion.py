import numpy as np
import pytest
from measure.occlusion import areas, at_random, by_map, ground_of, places_inside

from leukoscope.images.contract import Contract, place, placement_of

SIDE = 64
CONTRACT = Contract(SIDE)


class Reader:
    """A network whose probability is the share of the dark spot that can be seen; its map is 8 x 8."""

    def __init__(self, spot):
        self.spot, self.frames = spot, []

    def infer(self, frames):
        self.frames.append(frames)
        rows, columns = self.spot
        dark = (frames[:, rows, columns, 0] < 50).mean((1, 2))
        return {"probabilities": np.stack([1 - dark, dark], 1), "cams": np.zeros((1, 2, 8, 8))}


@pytest.fixture
def field():
    """A field twice as wide as high, so that the square has padding, with a dark spot on the left."""
    image = np.full((32, 64, 3), 200, np.uint8)
    image[8:16, 8:16] = 10
    return place(image, CONTRACT)


def test_places_on_padding_are_left_out(field):
    inside = places_inside((8, 8), field[1])
    assert inside.sum() == 32
    assert inside[2:6].all()


def test_the_order_is_the_maps_highest_first_and_random_is_a_permutation_of_it():
    inside = places_inside((8, 8), placement_of((64, 64), CONTRACT))
    cam = np.arange(64, dtype=float).reshape(8, 8)
    assert by_map(cam, inside).tolist() == list(range(63, -1, -1))
    assert by_map(np.zeros((8, 8)), inside).tolist() == list(range(64))
    shuffled = at_random(inside, 3)
    assert sorted(shuffled) == list(range(64))
    assert np.array_equal(shuffled, at_random(inside, 3))
    assert not np.array_equal(shuffled, at_random(inside, 4))


def test_a_map_on_the_spot_deletes_at_once_and_inserts_at_once(field):
    square, placement = field
    spot = (slice(24, 32), slice(8, 16))
    inside = places_inside((8, 8), placement)
    cam = np.zeros((8, 8))
    cam[3, 1] = 1
    good, bad = areas(
        Reader(spot), square, placement, [by_map(cam, inside), by_map(-cam, inside)], 1
    )
    assert good.deletion == pytest.approx(1 / 16)  # the trapezoid to the first of eight steps
    assert good.insertion == pytest.approx(15 / 16)
    assert bad.deletion == pytest.approx(15 / 16)
    assert bad.insertion == pytest.approx(1 / 16)


def test_padding_stays_white_and_what_is_deleted_takes_the_grounds_colour(field):
    square, placement = field
    reader = Reader((slice(24, 32), slice(8, 16)))
    inside = places_inside((8, 8), placement)
    areas(reader, square, placement, [at_random(inside, 1)], 1)
    frames = reader.frames[-1]
    assert len(frames) == 2 + 2 * 7
    assert (frames[:, :16] == 255).all()
    assert (frames[:, 48:] == 255).all()
    assert ground_of(square, placement).tolist() == [200, 200, 200]
    assert (frames[1, 16:48] == 200).all()
