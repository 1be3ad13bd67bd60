import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.training.scores import MaskCounts, answers, classification_scores, label_name, voted

NAMES = ("a", "b", "c", "d")


def test_answers_are_the_labels_and_what_none_of_them_covers():
    assert answers([(1,), (0, 2)], 4) == [(0, 2), (1,), (3,)]
    assert answers([(0,), (1,)], 2) == [(0,), (1,)]


def test_a_label_of_several_classes_is_voted_by_their_sum():
    probabilities = np.array([[0.3, 0.4, 0.3, 0.0], [0.1, 0.8, 0.1, 0.0]], np.float32)
    assert voted(probabilities, [(0, 2), (1,), (3,)]) == [(0, 2), (1,)]


@given(st.integers(0, 999), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_figures_against_loops(seed, count):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(4), count).astype(np.float32)
    targets = [(int(value),) if value < 4 else () for value in rng.integers(0, 5, count)]
    found = classification_scores(probabilities, targets, NAMES)
    rows = [row for row in range(count) if targets[row]]
    if not rows:
        assert found == {}
        return
    hits = {name: [] for name in NAMES}
    for row in rows:
        wanted = targets[row][0]
        hits[NAMES[wanted]].append(int(probabilities[row].argmax()) == wanted)
    recalls = {name: np.mean(some) for name, some in hits.items() if some}
    assert found["n"] == len(rows)
    all_hits = [hit for some in hits.values() for hit in some]
    assert found["accuracy"] == pytest.approx(np.mean(all_hits), abs=1e-4)
    assert found["recall"] == pytest.approx(recalls, abs=1e-4)
    assert found["balanced_accuracy"] == pytest.approx(np.mean(list(recalls.values())), abs=1e-4)
    for name, row in found["confusion"].items():
        assert sum(row.values()) == len(hits[name]) and row.get(name, 0) == sum(hits[name])


def test_labels_are_named_by_what_is_shorter():
    assert label_name((1,), NAMES) == "b"
    assert label_name((0, 2, 3), NAMES) == "not b"
    assert label_name((0, 2), NAMES) == "a or c"


def test_iou_is_pooled_over_pixels_not_meant_over_images(rng):
    pairs = [(rng.integers(0, 3, size), rng.integers(0, 3, size)) for size in ((9, 7), (30, 20))]
    counts = MaskCounts()
    for found, wanted in pairs:
        counts.add(found, wanted)
    tests = {"cell": lambda m: m > 0, "cytoplasm": lambda m: m == 1, "nucleus": lambda m: m == 2}
    for part, inside in tests.items():
        both = sum((inside(f) & inside(w)).sum() for f, w in pairs)
        either = sum((inside(f) | inside(w)).sum() for f, w in pairs)
        assert counts.iou()[part] == pytest.approx(both / either, abs=1e-4)


def test_iou_of_nothing_is_undefined():
    counts = MaskCounts()
    counts.add(np.zeros((4, 4), int), np.zeros((4, 4), int))
    assert counts.iou() == {"cell": None, "cytoplasm": None, "nucleus": None}
