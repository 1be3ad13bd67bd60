import pytest

from leukoscope.errors import UsageError
from leukoscope.runtime.gate.budgets import Budgets, images_needed


@pytest.mark.parametrize(
    ("budget", "images"),
    [(0.005, 200), (0.02, 50), (0.01, 100), (1 - 0.95, 20), (0.5, 2), (0.03, 34), (0.999, 2)],
)
def test_one_image_is_no_more_than_the_budget(budget, images):
    assert images_needed(budget) == images
    assert 1 / images <= budget + 1e-9 < 1 / (images - 1) + 1e-9


@pytest.mark.parametrize("value", [0, 1, -0.1, 5, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "name", ["max_accuracy_drop", "max_recall_drop", "max_iou_drop", "min_cam_agreement"]
)
def test_a_budget_is_a_fraction(name, value):
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')}"):
        Budgets(**{name: value})


def test_the_agreement_s_budget_is_a_drop_without_rounding_s_dust():
    assert Budgets().max_cam_drop == 0.05 and Budgets(min_cam_agreement=0.9).max_cam_drop == 0.1
