import numpy as np

from leukoscope.images.painter.slide_truth import cells_of, touching

TYPES = ["blast", "lymphocyte", "monocyte"]


def plane(*boxes):
    """Cells as squares: number, x, y, side; later ones lie over earlier ones."""
    made = np.zeros((60, 80), np.uint16)
    for number, x, y, side in boxes:
        made[y : y + side, x : x + side] = number
    return made


def test_a_cell_that_hardly_shows_is_in_no_count_and_the_rest_is_numbered_anew():
    shown = plane((1, 2, 2, 10), (2, 30, 10, 20), (3, 30, 14, 20))
    whole = np.array([100, 400, 400])
    cells, ids, hidden = cells_of(shown, TYPES, whole)
    assert [(c.id, c.type) for c in cells] == [(1, "blast"), (2, "monocyte")]
    assert hidden == 1 and set(np.unique(ids)) == {0, 1, 2}
    assert (ids[shown == 3] == 2).all() and (ids[shown == 2] == 0).all()


def test_at_the_limit_a_cell_counts():
    shown = plane((1, 0, 0, 30), (2, 40, 0, 20))
    cells, _, hidden = cells_of(shown, TYPES[:2], np.array([3000, 1340]))
    assert [c.type for c in cells] == ["blast"] and hidden == 1
    assert (cells[0].area_px, cells[0].whole_area_px) == (900, 3000)


def test_a_cell_that_is_wholly_hidden_does_not_upset_the_others():
    cells, ids, hidden = cells_of(plane((2, 5, 6, 10)), TYPES, np.array([50, 100, 0]))
    assert hidden == 2 and cells[0].box_px == (5, 6, 10, 10) and cells[0].centre_px == (9.5, 10.5)
    assert ids.max() == 1


def test_touching_is_two_pixels_of_ground_at_most():
    for gap, touch in ((0, True), (1, True), (2, False), (5, False)):
        shown = plane((1, 10, 10, 10), (2, 20 + gap, 10, 10), (3, 60, 40, 10))
        cells, ids, _ = cells_of(shown, TYPES, np.array([100, 100, 100]))
        assert touching(ids, cells) == ({1, 2} if touch else set()), gap


def test_an_empty_plane_has_no_cells():
    cells, ids, hidden = cells_of(plane(), [], np.zeros(0, np.int64))
    assert cells == () and not ids.any() and hidden == 0
