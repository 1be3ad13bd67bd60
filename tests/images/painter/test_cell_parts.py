import numpy as np
import pytest

from leukoscope.images.painter.canvas import patch_about
from leukoscope.images.painter.cell_parts import draw_parts, draw_radius_px
from leukoscope.images.painter.recipes import RECIPES


def parts_of(name, seed=1):
    recipe = RECIPES[name]
    patch = patch_about((40.3, 40.8), 60)
    return draw_parts(np.random.default_rng(seed), recipe, patch, 40.0, 6.0)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_nucleus_lies_within_the_cell(name):
    for seed in range(10):
        parts = parts_of(name, seed)
        assert parts.cell.shape == parts.nucleus.shape == parts.depth.shape == parts.shape
        assert (parts.nucleus <= parts.cell + 1e-6).all() and (parts.nucleus > 0.9).any()


def test_depth_is_one_in_the_middle_and_nothing_outside():
    parts = parts_of("blast")
    row, column = np.unravel_index(parts.depth.argmax(), parts.shape)
    assert (row, column) == pytest.approx((parts.shape[0] / 2, parts.shape[1] / 2), abs=2)
    assert parts.depth.max() > 0.99 and (parts.depth[:, :5] == 0).all()


def test_off_centre_nuclei_differ_from_cell_to_cell():
    def middle(seed):
        rows, columns = np.nonzero(parts_of("pre blast", seed).nucleus > 0.5)
        return rows.mean(), columns.mean()

    middles = np.array([middle(seed) for seed in range(20)])
    assert 2 < middles.std(axis=0).min() < 12


def test_radii_span_the_recipes_diameters():
    radii = [draw_radius_px(np.random.default_rng(s), RECIPES["monocyte"], 5.0) for s in range(200)]
    low, high = RECIPES["monocyte"].diameter_um
    assert low * 2.5 <= min(radii) < low * 2.5 + 1 and high * 2.5 - 1 < max(radii) <= high * 2.5
