import numpy as np
import pytest
from measure.judge import Row
from measure.scores import accuracy, class_figures, difference, mask_figures, mean, share

from leukoscope.runtime.metrics.classification import score_classes
from leukoscope.runtime.metrics.masks import overlap, score_masks
from leukoscope.runtime.metrics.targets import targets_of

CLASSES = ("a", "b", "c")
TARGETS = targets_of({"a": ("a",), "rest": ("b", "c")}, CLASSES)


def row(target, votes, group="g", masks=None):
    found = None if masks is None else overlap(*masks)
    return Row(group, target, {"type": np.array(votes)}, found, None, None, ())


def test_class_figures_are_those_of_validate():
    rng = np.random.default_rng(8)
    targets = [("a",), ("b", "c")]
    rows = [row(targets[k % 2], rng.dirichlet(np.ones(3)), f"g{k % 5}") for k in range(40)]
    rows.append(row(None, [0.9, 0.05, 0.05]))
    found = class_figures(rows, "type", TARGETS, CLASSES)
    truth = np.array([k % 2 for k in range(40)])
    summed = TARGETS.summed(np.array([one.votes["type"] for one in rows[:40]]))
    wanted = score_classes(truth, summed, TARGETS.names)
    assert found["accuracy"]["value"] == pytest.approx(wanted.accuracy, abs=1e-4)
    assert found["balanced_accuracy"]["value"] == pytest.approx(wanted.balanced_accuracy, abs=1e-4)
    assert found["ece"] == pytest.approx(wanted.ece, abs=1e-4)
    assert found["accuracy"]["n"] == 40
    assert found["accuracy"]["groups"] == 5
    assert {k: v["value"] for k, v in found["recall"].items()} == pytest.approx(
        wanted.recall, abs=1e-4
    )
    assert sum(sum(counts.values()) for counts in found["confusion"].values()) == 40
    assert accuracy(rows, "type", TARGETS, CLASSES) == found["accuracy"]


def test_summed_votes_decide():
    """`rest` wins with 0.3 + 0.3 though no class of it has the most."""
    found = class_figures([row(("b", "c"), [0.4, 0.3, 0.3])], "type", TARGETS, CLASSES)
    assert found["accuracy"]["value"] == 1


def test_masks_are_pooled_over_pixels():
    rng = np.random.default_rng(1)
    pairs = [rng.integers(0, 3, (2, 8, 9 + k), dtype=np.uint8) for k in range(4)]
    rows = [row(None, [1, 0, 0], str(k), pair) for k, pair in enumerate(pairs)]
    found = mask_figures([*rows, row(("a",), [1, 0, 0])])
    wanted = score_masks([one.overlap for one in rows])
    assert found["n"] == 4
    assert found["nucleus"]["value"] == pytest.approx(wanted.iou["nucleus"], abs=1e-4)
    assert found["cell"]["by_group"][0] <= found["cell"]["value"] <= found["cell"]["by_group"][1]


def test_nothing_to_count_is_none_and_no_nan():
    assert class_figures([row(None, [1, 0, 0])], "type", TARGETS, CLASSES) is None
    assert mask_figures([row(("a",), [1, 0, 0])]) is None
    assert share([], []) is None
    assert mean([], []) is None


def test_a_difference_has_its_sign_and_interval():
    found = difference([0.1, 0.2, 0.3], [0.4, 0.4, 0.4], ["a", "b", "c"])
    assert found["value"] == pytest.approx(-0.2)
    assert found["by_group"][1] < 0
