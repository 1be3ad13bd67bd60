import numpy as np
import pytest

from leukoscope.runtime.slide.known_cells import CHUNK, KnownCells

WINDOW = (0.0, 0.0, 256.0, 192.0)


def boxes(*corners, side=30):
    return np.array([(x, y, x + side, y + side) for x, y in corners], float).reshape(-1, 4)


def test_a_known_cell_is_recognised_where_it_lies_and_only_on_its_island():
    known = KnownCells()
    known.record([1, 2], boxes((50, 50), (100, 100)), WINDOW, island=1)
    assert known.recognise(boxes((103, 98), (150, 20)), WINDOW, island=1) == {0: 2}
    assert known.recognise(boxes((103, 98)), WINDOW, island=2) == {}


def test_the_whole_sighting_takes_the_place_of_the_cut_one_and_not_the_other_way():
    known = KnownCells()
    known.record([1], np.array([[240.0, 50, 256, 80]]), WINDOW, 1)
    whole = boxes((240, 50))
    moved = (100.0, 0.0, 356.0, 192.0)
    assert known.recognise(whole, moved, 1) == {0: 1}
    known.record([1], whole, moved, 1)
    assert known.boxes.tolist() == whole.tolist()
    known.record([1], np.array([[240.0, 50, 256, 80]]), WINDOW, 1)
    assert known.boxes.tolist() == whole.tolist()


def test_of_two_cut_sightings_the_larger_stays():
    known = KnownCells()
    for width in (16.0, 20.0, 18.0):
        known.record([1], np.array([[256 - width, 50, 256, 80]]), WINDOW, 1)
    assert known.boxes[0, 0] == 236


def test_islands_join_and_their_common_cells_become_one():
    known = KnownCells()
    known.record([1, 3], boxes((50, 50), (200, 100)), WINDOW, 1)
    known.record([2, 4], boxes((10, 50), (160, 20)), WINDOW, 2)
    pairs = known.alike(1, 2, (40.0, 0.0))
    assert pairs == [(2, 1)]
    known.move(2, 1, (40.0, 0.0))
    known.unite(pairs)
    assert known.numbers.tolist() == [1, 3, 4]
    assert set(known.islands) == {1}
    assert known.recognise(boxes((200, 20)), WINDOW, 1) == {0: 4}


def test_large_islands_join_the_same():
    known, count = KnownCells(), 3 * CHUNK // 2
    corners = [(40.0 * (i % 30), 40.0 * (i // 30)) for i in range(count)]
    window = (0.0, 0.0, 1300.0, 1300.0)
    known.record(range(1, count + 1), boxes(*corners), window, 1)
    known.record(range(count + 1, 2 * count + 1), boxes(*corners), window, 2)
    pairs = known.alike(1, 2, (1.0, -1.0))
    assert pairs == [(count + i, i) for i in range(1, count + 1)]


def test_an_island_is_forgotten():
    known = KnownCells()
    known.record([1], boxes((50, 50)), WINDOW, 1)
    known.record([2], boxes((50, 50)), WINDOW, 2)
    known.forget(1)
    assert known.numbers.tolist() == [2]
    assert known.recognise(boxes((50, 50)), WINDOW, 2) == {0: 2}


def test_numbers_that_were_never_seen_do_no_harm():
    """A field whose thumbnail was not kept left a gap."""
    known = KnownCells()
    known.record([7, 8], boxes((50, 50), (100, 100)), WINDOW, 1)
    known.record([3], boxes((150, 150)), WINDOW, 1)
    known.unite([(9, 2), (8, 2)])
    assert known.numbers.tolist() == [3, 7, 8]
    assert known.recognise(boxes((150, 150)), WINDOW, 1) == {0: 3}


@pytest.mark.parametrize("island", [1, 2])
def test_no_cells(island):
    known = KnownCells()
    known.record([], boxes(), WINDOW, 1)
    assert known.recognise(boxes(), WINDOW, island) == {}
    assert known.alike(1, 2, (0.0, 0.0)) == []
