import numpy as np
import pytest
from walked_slide import window

from leukoscope.runtime.slide.album import RECENT, Album, Place
from leukoscope.runtime.slide.picture import picture_of, reduce
from leukoscope.runtime.slide.thumbnail import decode, encode


def add(album, number, island=1, corner=(0.0, 0.0), at=(0, 0), seed=0):
    jpeg = encode(reduce(window(seed, *at), 0.4))
    return album.add(number, Place(island, corner, (256, 192)), jpeg, picture_of(decode(jpeg)))


def filled(count, max_pages=2000):
    album = Album(max_pages)
    left = [add(album, n, island=n % 3, corner=(100.0 * n, 0.0)) for n in range(1, count + 1)]
    return album, left


def test_a_picture_made_again_is_the_same_to_the_last_bit():
    album = Album()
    add(album, 1)
    kept = album.picture(1)
    for number in range(2, RECENT + 3):
        add(album, number)
    again = album.picture(1)
    assert again is not kept
    for name in ("detail", "fine", "coarse"):
        assert np.array_equal(getattr(again, name), getattr(kept, name))


def test_the_oldest_picture_goes_when_there_are_too_many():
    album, left = filled(7, max_pages=4)
    assert left == [None] * 4 + [1, 2, 0]
    assert len(album) == 4
    assert [number in album for number in (3, 4, 7)] == [False, True, True]
    assert album.numbers() == [4, 5, 6, 7]
    assert album.place(5) == Place(2, (500.0, 0.0), (256, 192))


def test_memory_stays_flat():
    album, _ = filled(40, max_pages=5)
    assert len(album._ready) <= 5
    assert len(album._places) == len(album._numbers) == len(album._pages) == 5


def test_overlaps_are_of_the_island_and_the_greatest_comes_first():
    album = Album()
    for number, (island, corner) in enumerate(
        [(1, (0, 0)), (1, (128, 0)), (2, (0, 0)), (1, (400, 0))], 1
    ):
        add(album, number, island, corner)
    assert album.overlaps(1, (100.0, 0.0, 356.0, 192.0)) == [
        (pytest.approx(228 / 256), 2),
        (pytest.approx(156 / 256), 1),
    ]
    assert album.overlaps(3, (0.0, 0.0, 256.0, 192.0)) == []


def test_the_nearest_are_of_the_island_and_within_a_side():
    album = Album()
    for number, corner in enumerate([(0, 0), (200, 0), (50, 50), (10, 500)], 1):
        add(album, number, 1, corner)
    add(album, 5, 2, (0.0, 0.0))
    assert album.nearest(1, 3) == [3, 2]
    assert album.nearest(1, 1) == [3]


def test_islands_move():
    album, _ = filled(6)
    album.move(2, 1, (10.0, -5.0))
    assert album.place(5) == Place(1, (510.0, -5.0), (256, 192))
    assert album.holds(1)
    assert not album.holds(2)
    assert album.numbers(but_island=1) == [3, 6]


def test_the_coarse_search_finds_the_place_again():
    album, at = Album(), [(x, y) for x in (0, 320, 640, 960) for y in (0, 240, 480, 720)]
    number = 0
    for seed in (0, 1):
        for corner in at:
            number += 1
            add(album, number, at=corner, seed=seed)
    sought = picture_of(reduce(window(1, 700, 500), 0.4))
    found = album.resembling(sought, 3, among=album.numbers())
    assert found[0] == 16 + at.index((640, 480)) + 1
    assert album.resembling(sought, 3, among=[]) == []
