import numpy as np
import pytest

from leukoscope.images.painter.canvas import blank
from leukoscope.images.painter.recipes import RECIPES
from leukoscope.images.painter.stain import AZURE, BLUE, CHROMATIN, EOSIN, HAEMOGLOBIN
from leukoscope.images.painter.white_cells import paint_nucleated


def painted(name, seed=1, size=160, px_per_um=6.0, number=1, canvas=None, at=(80.0, 80.0)):
    canvas = canvas or blank((size, size))
    recipe = RECIPES[name]
    radius = np.mean(recipe.diameter_um) * px_per_um / 2
    paint_nucleated(
        canvas, np.random.default_rng(seed), recipe, at, radius, px_per_um=px_per_um, number=number
    )
    return canvas


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_cell_has_its_size_and_its_nucleus(name):
    recipe = RECIPES[name]
    for seed in range(8):
        canvas = painted(name, seed)
        cell = canvas.others if recipe.type == "other" else canvas.instances
        nucleus = canvas.other_nuclei if recipe.type == "other" else canvas.mask == 2
        diameter = np.sqrt((cell > 0).sum() * 4 / np.pi) / 6
        assert diameter == pytest.approx(np.mean(recipe.diameter_um), rel=0.12)
        assert (cell[nucleus] > 0).all()
        share = nucleus.sum() / (cell > 0).sum()
        low, high = recipe.nucleus_share
        assert low - 0.12 < share < high + 0.12


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"basophil"}))
def test_chromatin_is_in_the_nucleus_and_not_beside_it(name):
    canvas = painted(name)
    nucleus = canvas.other_nuclei | (canvas.mask == 2)
    cytoplasm = (canvas.others > 0) | (canvas.instances > 0)
    cytoplasm &= ~nucleus
    chromatin = canvas.dyes[CHROMATIN]
    assert chromatin[nucleus].mean() > 0.6 and chromatin[cytoplasm].mean() < 0.2


def test_granules_have_their_types_dye():
    def cytoplasm(name, dye):
        canvases = [painted(name, seed) for seed in range(6)]
        return np.mean([c.dyes[dye][c.mask == 1].mean() for c in canvases])

    assert cytoplasm("eosinophil", EOSIN) > 2 * cytoplasm("neutrophil", EOSIN)
    assert cytoplasm("basophil", CHROMATIN) > 5 * cytoplasm("eosinophil", CHROMATIN)
    assert cytoplasm("immature granulocyte", AZURE) > 1.5 * cytoplasm("neutrophil", AZURE)
    assert cytoplasm("blast", BLUE) > 1.5 * cytoplasm("monocyte", BLUE)


def test_granules_keep_off_the_nucleus_of_an_eosinophil():
    canvas = painted("eosinophil")
    eosin = canvas.dyes[EOSIN]
    assert eosin[canvas.mask == 2].mean() < 0.35 * eosin[canvas.mask == 1].mean()


def test_basophil_granules_lie_over_the_nucleus():
    """The nucleus of a basophil is mottled far more than that of a lymphocyte."""

    def variation(name):
        canvas = painted(name)
        inside = canvas.dyes[CHROMATIN][canvas.mask == 2]
        return inside.std() / inside.mean()

    assert variation("basophil") > 1.5 * variation("lymphocyte")


def test_a_later_cell_owns_the_overlap_and_hides_what_is_below():
    canvas = blank((160, 160))
    canvas.dyes[HAEMOGLOBIN] = 1.0
    painted("early blast", number=1, canvas=canvas, at=(60.0, 80.0))
    painted("nucleated red cell", number=4, canvas=canvas, at=(105.0, 80.0))
    painted("pre blast", number=2, canvas=canvas, at=(150.0, 80.0))
    assert canvas.instances[80, 40] == 1 and canvas.instances[80, 150] == 2
    assert canvas.others[80, 85] == 4 and canvas.instances[80, 85] == 0
    assert not ((canvas.others > 0) & (canvas.mask > 0)).any()
    assert canvas.dyes[HAEMOGLOBIN][80, 150] < 0.15


def test_a_cell_beyond_the_edge_is_cut_or_absent():
    canvas = painted("monocyte", size=60, at=(-10.0, 30.0))
    assert canvas.instances[:, 0].any() and not canvas.instances[:, 45:].any()
    before = blank((60, 60))
    painted("monocyte", canvas=before, at=(-500.0, 30.0))
    assert not before.dyes.any() and not before.mask.any()


def test_vacuoles_are_pale_and_lie_in_the_cytoplasm():
    found = 0
    for seed in range(20):
        canvas = painted("monocyte", seed)
        plane = canvas.dyes[BLUE]
        pale = (canvas.mask == 1) & (plane < 0.4 * np.median(plane[canvas.mask == 1]))
        found += pale.sum() > 15
    assert found > 8
