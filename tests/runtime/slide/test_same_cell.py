import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.slide.same_cell import clip, likeness, pair_off

EVERYWHERE = (-1e4, -1e4, 1e4, 1e4)


def like(first, second, first_seen=EVERYWHERE, second_seen=EVERYWHERE):
    arrays = [np.array([each], float) for each in (first, first_seen, second, second_seen)]
    return float(likeness(*arrays)[0, 0])


def square(x, y, side=30):
    return x, y, x + side, y + side


@pytest.mark.parametrize(
    ("moved", "same"), [(0, True), (7, True), (14, True), (19, False), (60, False)]
)
def test_centres_within_half_a_diameter_are_one_cell(moved, same):
    assert (like(square(100, 100), square(100 + moved, 100)) > 0) is same


def test_the_nearer_one_is_the_more_alike():
    scores = [like(square(100, 100), square(100 + moved, 100)) for moved in (0, 5, 10)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


def test_a_cell_cut_by_the_border_is_the_whole_one():
    """Its box's centre lies a quarter off and its size is half: seen through the same window they are one."""
    window = (0, 0, 115, 200)
    assert like((100, 100, 115, 130), square(100, 100), first_seen=window) == 1
    assert like(square(100, 100), (100, 100, 115, 130), second_seen=window) == 1


def test_two_halves_of_one_cell_are_one():
    left, right = (0, 0, 118, 200), (112, 0, 300, 200)
    assert like((100, 100, 118, 130), (112, 100, 130, 130), left, right) > 0.9


def test_two_cells_at_one_border_are_two():
    window = (0, 0, 115, 200)
    assert like((100, 100, 115, 130), square(100, 131), first_seen=window) == 0


def test_a_cell_that_one_of_the_fields_cannot_see_is_not_compared():
    assert (
        like(
            square(100, 100),
            square(105, 100),
            first_seen=(0, 0, 200, 200),
            second_seen=(131, 0, 300, 200),
        )
        == 0
    )


def test_touching_cells_seen_as_one_and_as_two_are_two():
    together, parted = [(100, 100, 160, 130)], [square(100, 100), square(130, 100)]
    seen = [np.tile(EVERYWHERE, (n, 1)) for n in (1, 2)]
    scores = likeness(np.array(together, float), seen[0], np.array(parted, float), seen[1])
    assert (scores > 0).all()
    assert len(pair_off(scores)) == 1


def test_touching_cells_do_not_swap():
    first = np.array([square(100, 100), square(125, 108)], float)
    second = first[::-1] + 6.0
    seen = np.tile(EVERYWHERE, (2, 1))
    assert sorted(pair_off(likeness(first, seen, second, seen))) == [(0, 1), (1, 0)]


def test_no_cells_are_no_pairs():
    none, one = np.zeros((0, 4)), np.array([square(0, 0)], float)
    assert pair_off(likeness(none, none, one, one)) == []
    assert pair_off(likeness(one, one, none, none)) == []


boxes = st.lists(st.tuples(*[st.floats(-500, 500)] * 2, *[st.floats(0.1, 80)] * 2), max_size=8).map(
    lambda rows: np.array([(x, y, x + w, y + h) for x, y, w, h in rows], float).reshape(-1, 4)
)


@given(boxes, boxes)
def test_pairs_are_one_to_one_and_alike(first, second):
    seen = [np.tile(EVERYWHERE, (len(each), 1)) for each in (first, second)]
    scores = likeness(first, seen[0], second, seen[1])
    assert ((scores >= 0) & (scores <= 1 + 1e-9)).all()
    assert np.allclose(scores, likeness(second, seen[1], first, seen[0]).T)
    pairs = pair_off(scores)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(scores[pair] > 0 for pair in pairs)
    left = np.array(scores)
    for row, column in pairs:
        left[row], left[:, column] = 0, 0
    assert not left.any()


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30)), unique=True, min_size=1, max_size=30
    ),
    st.randoms(use_true_random=False),
    st.floats(-6, 6),
    st.floats(-6, 6),
)
def test_cells_apart_are_each_found_again_though_the_place_is_off(grid, chance, dx, dy):
    """Cells of 30 px that do not overlap, the second field up to 8.5 px off and in another order."""
    first = np.array([square(32 * x, 32 * y) for x, y in grid], float)
    order = list(range(len(first)))
    chance.shuffle(order)
    second = first[order] + [dx, dy, dx, dy]
    seen = np.tile(EVERYWHERE, (len(first), 1))
    pairs = pair_off(likeness(first, seen, second, seen))
    assert sorted(pairs) == sorted((number, place) for place, number in enumerate(order))


def test_clipping():
    assert clip(np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 2, 20, 8]])).tolist() == [
        [5, 2, 10, 8]
    ]
