from functools import partial

import numpy as np
import pytest

from leukoscope.images.contract import Contract
from leukoscope.training.colour_shifts import SHIFTS, shifted
from leukoscope.training.pictures import picture_of
from leukoscope.training.predict import probabilities_of
from leukoscope.training.stage_scores import (
    fit_stage_temperature,
    shifted_accuracy,
    stage_scores,
)

CONTRACT = Contract(64)
REDS = (80, 160, 180)  # close to the thirds, so that shifts move them over
NAMES = ("a", "b", "c")


def field(red, target):
    image = np.full((64, 64, 3), 90, np.uint8)
    image[..., 0] = red
    return picture_of(image, None, target)


@pytest.fixture
def fields():
    return [field(red, (index,)) for index, red in enumerate(REDS)] * 3


def test_labelled_fields_are_scored_and_others_left_out(oracle, fields):
    found = stage_scores(oracle(NAMES), [*fields, field(30, ()), field(30, (2,))], CONTRACT)
    assert found["n"] == 10 and found["accuracy"] == pytest.approx(0.9)
    assert found["confusion"]["c"] == {"a": 1, "c": 3}
    assert stage_scores(oracle(NAMES), [field(30, ())], CONTRACT) == {}


def test_accuracy_under_each_shift_against_a_loop(oracle, fields):
    """The oracle reads the red level alone, so shifts must make it fail, and predictably."""
    network = oracle(NAMES)
    found = shifted_accuracy(partial(probabilities_of, network), fields, CONTRACT, NAMES)
    assert set(found) == set(SHIFTS)
    for name, accuracy in found.items():
        hits = [
            int(shifted(picture.levels[0], name)[0, 0, 0] / 255 * 3 * 0.999) == picture.target[0]
            for picture in fields
        ]
        assert accuracy == pytest.approx(np.mean(hits), abs=1e-4)
    assert min(found.values()) < 1


def test_the_temperature_is_fitted_on_the_pictures_with_one_stage(oracle, fields):
    network = oracle(NAMES)
    several = [field(REDS[0], (2, 0))] * 5
    found = fit_stage_temperature(network, [*fields, field(REDS[0], (2,)), *several], CONTRACT)
    # Margins of 9 to 0 with nine of ten right, of which a twelfth is in doubt: softmax(9 / T) should be this likely.
    likely = 0.9 * 11 / 12 + 0.1 / 24
    assert found == pytest.approx(9 / np.log(likely / ((1 - likely) / 2)), abs=0.01)
    assert float(network.temperature) == pytest.approx(found, abs=1e-4)


def test_nothing_to_fit_leaves_the_temperature_at_one(toy, make_picture):
    assert fit_stage_temperature(toy, [make_picture(())], Contract(32)) == 1.0
