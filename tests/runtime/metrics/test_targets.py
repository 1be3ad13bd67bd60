import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.metrics.targets import targets_of

CLASSES = ("w", "x", "y", "z")


def test_a_label_of_several_classes_is_scored_by_their_sum():
    targets = targets_of({"ill": ("z",), "well": ("w", "y", "x")}, CLASSES)
    assert targets.names == ("well", "z")
    summed = targets.summed(np.array([[0.2, 0.25, 0.15, 0.4]]))
    assert summed[0].tolist() == pytest.approx([0.6, 0.4])
    assert targets.index(CLASSES, ("x", "w", "y")) == 0


def test_two_labels_of_one_class_are_one_target_and_unnamed_classes_stand_alone():
    targets = targets_of({"A": ("y",), "B": ("y",), "left out": ()}, CLASSES)
    assert targets.names == CLASSES
    assert np.array_equal(targets.summed(np.eye(4)), np.eye(4))


def test_sums_of_float32_do_not_lose_what_they_are_made_of():
    row = np.array([[0.1, 0.2, 0.3, 0.4]], np.float32)
    targets = targets_of({"all but z": ("w", "x", "y")}, CLASSES)
    assert targets.summed(row)[0, 0] == pytest.approx(float(row[0, :3].astype(float).sum()))


def test_labels_that_overlap_are_refused():
    with pytest.raises(InputError, match="puts x under labels that overlap"):
        targets_of({"one": ("w", "x"), "other": ("x",)}, CLASSES)


def test_a_class_that_the_bundle_lacks_is_refused_by_name():
    with pytest.raises(InputError, match="'blast'"):
        targets_of({"one": ("blast",)}, CLASSES)
