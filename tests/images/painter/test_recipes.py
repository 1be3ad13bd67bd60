import dataclasses

from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.painter.nuclei import NUCLEI
from leukoscope.images.painter.recipes import RECIPES
from leukoscope.images.painter.stain import DYES


def test_every_type_has_a_recipe_and_no_recipe_another_type():
    assert {recipe.type for recipe in RECIPES.values()} == set(CELL_TYPES)
    assert all(name in RECIPES for name in CELL_TYPES if name != "other")


def test_ranges_are_ranges_and_names_are_known():
    for recipe in RECIPES.values():
        assert recipe.nucleus in NUCLEI
        assert all(0 <= granules.dye < DYES for granules in recipe.granules)
        for field in dataclasses.fields(recipe):
            value = getattr(recipe, field.name)
            if field.name not in ("ragged", "granules") and isinstance(value, tuple):
                assert 0 <= value[0] <= value[1], (recipe.type, field.name)
        assert 0 < recipe.nucleus_share[0] <= recipe.nucleus_share[1] < 1


def test_sizes_are_those_of_blood():
    middle = {name: sum(recipe.diameter_um) / 2 for name, recipe in RECIPES.items()}
    assert max(middle.values()) == middle["monocyte"]
    assert middle["haematogone"] < middle["lymphocyte"] < middle["early blast"]
    assert middle["early blast"] < middle["pre blast"] <= middle["pro blast"]
