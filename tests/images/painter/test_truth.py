import numpy as np

from leukoscope.images.painter.truth import PaintedCell, visible_cells


def test_cells_are_measured_and_hidden_ones_go():
    numbers = np.zeros((10, 12), np.uint16)
    numbers[1:4, 2:7] = 1
    numbers[6:9, 8:12] = 3
    nuclei = np.zeros((10, 12), np.bool_)
    nuclei[2, 3:6] = True
    renumbered, cells = visible_cells(numbers, nuclei, ["blast", "monocyte", "lymphocyte"])
    assert cells == (
        PaintedCell("blast", (2, 1, 5, 3), 15, 3),
        PaintedCell("lymphocyte", (8, 6, 4, 3), 12, 0),
    )
    assert renumbered.dtype == np.uint16
    assert np.array_equal(renumbered == 2, numbers == 3) and renumbered.max() == 2


def test_an_empty_plane_has_no_cells():
    empty = np.zeros((5, 5), np.uint16)
    renumbered, cells = visible_cells(empty, empty > 0, [])
    assert cells == () and not renumbered.any()
