from collections import Counter

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.recipes import RECIPES
from leukoscope.images.painter.stages import COMPOSITIONS, draw_kinds, stage_of


def test_every_stage_has_a_composition_of_known_kinds():
    assert tuple(COMPOSITIONS) == STAGES
    for stage in COMPOSITIONS.values():
        assert set(stage.kinds) <= set(RECIPES)
        assert sum(stage.kinds.values()) == pytest.approx(1)


def test_only_benign_is_without_blasts():
    for name, stage in COMPOSITIONS.items():
        drawn = [r for s in range(40) for r in draw_kinds(np.random.default_rng(s), stage, 1.0)]
        blasts = sum(recipe.type == "blast" for recipe in drawn) / len(drawn)
        assert blasts == 0 if name == "Benign" else blasts > 0.85


def test_numbers_of_cells_overlap_between_stages():
    ranges = [stage.cells for stage in COMPOSITIONS.values()]
    assert max(low for low, _ in ranges) + 3 <= min(high for _, high in ranges)


def test_the_number_follows_the_area_and_is_never_none():
    stage = stage_of("Pre")
    small = [len(draw_kinds(np.random.default_rng(s), stage, 0.01)) for s in range(20)]
    large = [len(draw_kinds(np.random.default_rng(s), stage, 4.0)) for s in range(20)]
    assert set(small) == {1} and min(large) >= 16


def test_the_first_cell_is_typical():
    for name in ("Early", "Pre", "Pro"):
        firsts = Counter(
            draw_kinds(np.random.default_rng(s), stage_of(name), 1.0)[0].type for s in range(30)
        )
        assert set(firsts) == {"blast"}


@pytest.mark.parametrize("name", ["pro", "L1", "", "Benign "])
def test_an_unknown_stage_is_refused(name):
    with pytest.raises(InputError, match="no stage is called") as caught:
        stage_of(name)
    assert "Benign or Early or Pre or Pro" in caught.value.wanted
