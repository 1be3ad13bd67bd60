import dataclasses

import numpy as np

from leukoscope.images.painter.recipes import RECIPES
from leukoscope.images.painter.scene import PlacedCell, draw_looks, paint_scene


def scene(placed, platelets=(), **looks):
    drawn = draw_looks(np.random.default_rng(1), (120, 100), 40.0, 0)
    drawn = dataclasses.replace(drawn, **{"scale_bar": False, "smudges": 0, **looks})
    rng, light = np.random.default_rng(2), np.random.default_rng(3)
    return paint_scene(rng, light, drawn, placed, platelets, stage="Pro", seed=9)


def test_white_cells_and_others_are_told_apart():
    field = scene(
        [
            PlacedCell(RECIPES["nucleated red cell"], (90.0, 70.0), 14.0),
            PlacedCell(RECIPES["pro blast"], (40.0, 40.0), 22.0),
        ],
        [(100.0, 15.0)],
    )
    assert [cell.type for cell in field.cells] == ["blast"]
    platelet, red = field.others
    assert platelet.nucleus_area_px == 0 < red.nucleus_area_px < red.area_px
    assert field.instances[40, 40] == 1 and field.instances[70, 90] == 0


def test_a_hidden_platelet_is_not_in_the_truth():
    field = scene([PlacedCell(RECIPES["monocyte"], (60.0, 50.0), 30.0)], [(60.0, 50.0)])
    assert field.others == ()


def test_under_a_scale_bar_there_is_no_truth():
    cells = [PlacedCell(RECIPES["pre blast"], (x, 92.0), 20.0) for x in (15.0, 105.0)]
    plain, barred = scene(cells), scene(cells, scale_bar=True)
    lost = (plain.mask > 0) & (barred.mask == 0)
    assert lost.any() and not (barred.image[lost] == plain.image[lost]).all()
    assert sum(c.area_px for c in barred.cells) == (barred.mask > 0).sum()


def test_looks_follow_the_field():
    def platelets(size):
        return sum(
            draw_looks(np.random.default_rng(s), size, 40.0, None).platelets for s in range(30)
        )

    assert platelets((600, 600)) > 5 * platelets((150, 150))
