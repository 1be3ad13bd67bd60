import numpy as np
import pytest
import study_made as made
from made import Image, judged_of

from leukoscope.runtime.metrics.classification import ECE_BINS, calibration_error
from leukoscope.runtime.metrics.targets import targets_of
from leukoscope.runtime.report.counted import confusion_of, reliability_of, votes_of
from leukoscope.runtime.scoring import score


def votes(judged, variant="int8"):
    return votes_of(judged.observations[variant], judged.targets, judged.classes)


def test_rows_are_labels_and_columns_votes():
    judged = judged_of([Image(0, 0, 2), Image(0, 0, 0), Image(1, 1, 1), Image(None, 0, 0)])
    assert confusion_of(votes(judged), judged.targets.names).counts == (
        (1, 0, 1),
        (0, 1, 0),
        (0, 0, 0),
    )


def test_a_label_of_several_classes_is_one_row():
    targets = targets_of({"well": ("a", "b"), "c": ("c",)}, ("a", "b", "c"))
    judged = judged_of([Image(0, 0, 1), Image(1, 0, 2)], targets=targets)
    confusion = confusion_of(votes(judged), targets.names)
    assert (confusion.labels, confusion.counts) == (("well", "c"), ((1, 1), (0, 0)))


def test_bins_are_those_of_the_calibration_error():
    judged = made.judged(48)
    found = votes(judged)
    bins = reliability_of(found)
    rows = np.array([o.probabilities for o in judged.observations["int8"]])
    gaps = [one.n * abs(one.probability - one.accuracy) for one in bins if one.n]
    assert sum(gaps) / 48 == pytest.approx(calibration_error(found.truth, rows))
    assert len(bins) == ECE_BINS and sum(one.n for one in bins) == 48
    assert all(one.low < one.probability <= one.high for one in bins if one.n)


def test_accuracy_is_the_diagonal():
    judged = made.judged(24)
    figures = score(judged.observations["int8"], judged.targets, judged.classes)
    counts = np.array(confusion_of(votes(judged), judged.targets.names).counts)
    assert figures["accuracy"] == pytest.approx(np.trace(counts) / counts.sum())


def test_without_labels_everything_is_empty():
    judged = made.judged(5, labelled=False)
    found = votes(judged)
    assert np.sum(confusion_of(found, judged.targets.names).counts) == 0
    assert all(one.n == 0 and one.accuracy is None for one in reliability_of(found))
