import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.metrics.classification import calibration_error, score_classes

CLASSES = ("a", "b", "c")


@st.composite
def labelled(draw):
    n = draw(st.integers(1, 40))
    truth = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)), np.intp)
    rows = draw(
        st.lists(
            st.tuples(*[st.floats(0.001, 1)] * 3).map(lambda r: np.array(r) / sum(r)),
            min_size=n,
            max_size=n,
        )
    )
    return truth, np.array(rows)


def oracle(truth, probabilities):
    """By counting, image by image."""
    voted = [max(range(3), key=lambda k: row[k]) for row in probabilities]
    pairs = list(zip(truth, voted, strict=True))
    recall, f1 = {}, {}
    for k, name in enumerate(CLASSES):
        hit = sum(t == v == k for t, v in pairs)
        there, said = sum(t == k for t, _ in pairs), sum(v == k for _, v in pairs)
        recall[name] = hit / there if there else None
        precision = hit / said if said else 0
        f1[name] = None
        if there:
            r = hit / there
            f1[name] = 2 * precision * r / (precision + r) if precision + r else 0.0
    return sum(t == v for t, v in pairs) / len(pairs), recall, f1


@given(labelled())
def test_figures_are_those_counted_by_hand(data):
    truth, probabilities = data
    accuracy, recall, f1 = oracle(truth, probabilities)
    got = score_classes(truth, probabilities, CLASSES)
    assert got.accuracy == pytest.approx(accuracy)
    assert got.recall == {k: v if v is None else pytest.approx(v) for k, v in recall.items()}
    assert got.f1 == {k: v if v is None else pytest.approx(v) for k, v in f1.items()}
    known = [v for v in recall.values() if v is not None]
    assert got.balanced_accuracy == pytest.approx(sum(known) / len(known))
    known = [v for v in f1.values() if v is not None]
    assert got.f1_macro == pytest.approx(sum(known) / len(known))


@given(labelled())
def test_calibration_error_is_the_sum_over_bins(data):
    truth, probabilities = data
    total = 0.0
    for b in range(15):
        low, high = b / 15, (b + 1) / 15
        inside = [
            (row.max(), row.argmax() == t)
            for row, t in zip(probabilities, truth, strict=True)
            if low < row.max() <= high
        ]
        if inside:
            gap = np.mean([p for p, _ in inside]) - np.mean([right for _, right in inside])
            total += abs(gap) * len(inside) / len(truth)
    assert calibration_error(truth, probabilities) == pytest.approx(total, abs=1e-9)


def test_a_sure_and_right_voter_is_calibrated():
    truth = np.array([0, 1, 2])
    assert calibration_error(truth, np.eye(3)) == 0.0
    assert calibration_error(truth, np.eye(3)[[1, 2, 0]]) == 1.0


def test_no_image_gives_no_figure():
    got = score_classes(np.zeros(0, np.intp), np.zeros((0, 3)), CLASSES)
    assert got.accuracy is None and got.ece is None and got.f1_macro is None
    assert got.recall == dict.fromkeys(CLASSES)


def test_a_class_that_no_label_names_has_no_recall_and_is_no_part_of_the_means():
    got = score_classes(np.array([0, 0]), np.array([[0.9, 0.1, 0], [0.2, 0.8, 0]]), CLASSES)
    assert got.recall == {"a": 0.5, "b": None, "c": None}
    assert got.balanced_accuracy == 0.5
    assert got.f1_macro == pytest.approx(2 / 3)
