import numpy as np

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.progress import Silent
from leukoscope.training.painted import HELD_SEED, ORIGIN, painted_cells, painted_stages


def test_stages_come_in_turn_with_their_label():
    pictures = painted_stages(5, 0, Silent())
    assert [picture.target for picture in pictures] == [(0,), (1,), (2,), (3,), (0,)]
    assert all(picture.mask is None and picture.origin == ORIGIN for picture in pictures)
    assert len(STAGES) == 4


def test_held_pictures_are_none_of_those_trained_on():
    (fitted,), (held,) = painted_stages(1, 0, Silent()), painted_stages(1, HELD_SEED, Silent())
    (again,) = painted_stages(1, 0, Silent())
    assert np.array_equal(fitted.levels[0], again.levels[0])
    assert not np.array_equal(fitted.levels[0], held.levels[0])


def test_cells_lie_where_the_mask_has_them():
    pictures = painted_cells(5, 3, Silent())
    fields, singles = pictures[:3], pictures[3:]
    assert all(picture.target == () for picture in fields)
    for index, picture in enumerate(singles, start=3):
        assert picture.target == (index % len(CELL_TYPES),)
    white = 0
    for picture in pictures:
        assert picture.mask.shape == picture.levels[0].shape[:2]
        for cell in picture.cells:
            x, y = (round(value) for value in cell.centre_px)
            if CELL_TYPES[cell.target[0]] == "other":
                continue
            height, width = picture.mask.shape
            if cell.diameter_px < x < width - cell.diameter_px and (
                cell.diameter_px < y < height - cell.diameter_px
            ):
                white += 1
                around = picture.mask[y - 5 : y + 6, x - 5 : x + 6]
                assert (around > 0).mean() > 0.5
                area = np.pi * cell.diameter_px**2 / 4
                assert (picture.mask > 0).sum() >= 0.8 * area
    assert white >= 2


def test_nothing_is_painted_where_nothing_is_asked():
    assert painted_cells(0, 0, Silent()) == painted_stages(0, 0, Silent()) == []
