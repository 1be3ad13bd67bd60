import json
import math

import pytest

from leukoscope.errors import InputError
from leukoscope.training.recipe import Recipe


def test_the_rate_rises_to_its_highest_and_falls_to_a_thousandth():
    recipe = Recipe(rate=0.01, warm_up=0.2)
    assert recipe.rate_at(0) == pytest.approx(0.01 / 20)
    assert recipe.rate_at(0.1) == pytest.approx((0.01 / 20 + 0.01) / 2)
    assert recipe.rate_at(0.2) == pytest.approx(0.01)
    assert recipe.rate_at(0.6) == pytest.approx((0.01 + 0.00001) / 2)
    assert recipe.rate_at(1) == recipe.rate_at(1.5) == pytest.approx(0.00001)
    rates = [recipe.rate_at(step / 100) for step in range(101)]
    assert rates[:21] == sorted(rates[:21]) and rates[20:] == sorted(rates[20:], reverse=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch": 1},
        {"rate": 0.0},
        {"rate": -1.0},
        {"rate": math.nan},
        {"rate": math.inf},
        {"ema_decay": 1.0},
        {"ema_decay": math.nan},
        {"max_minutes": -1.0},
        {"max_minutes": math.nan},
    ],
)
def test_settings_that_cannot_train_are_refused(wrong):
    with pytest.raises(InputError):
        Recipe(**wrong)


def test_recipes_travel_as_json():
    recipe = Recipe(epochs=3, rate=0.1)
    assert Recipe(**json.loads(json.dumps(recipe.to_json()))) == recipe
