"""What becomes of one stop."""

import numpy as np

from leukoscope.runtime.choose.choice import Quality
from leukoscope.runtime.choose.visit import FOCUSING_S, Visit
from leukoscope.runtime.field import Frame

QUALITY = Quality(0.5, 1.0, 0.0, 0.8, 0.4, 0.1)


def refuse(visit, *causes):
    for index, cause in enumerate(causes):
        visit.refuse(
            cause, Frame(np.zeros((1, 1, 3), np.uint8), "", "", index, 100 + index), QUALITY
        )


def test_the_most_frequent_cause_is_told_with_its_last_frame():
    visit = Visit(4)
    refuse(visit, "out_of_focus", "too_dark", "out_of_focus", "too_thin")
    missed = visit.missed()
    assert (missed.stop, missed.cause, missed.frames) == (4, "out_of_focus", 4)
    assert (missed.index, missed.captured_at_ns, missed.quality) == (2, 102, QUALITY)


def test_of_two_as_frequent_the_later_is_told():
    visit = Visit(0)
    refuse(visit, "too_dark", "empty", "empty", "too_dark")
    assert visit.missed().cause == "too_dark"


def test_a_taken_stop_and_one_never_looked_at_miss_nothing():
    visit = Visit(0)
    assert visit.missed() is None
    refuse(visit, "empty")
    visit.taken = True
    assert visit.missed() is None


def test_a_rise_of_the_sharpness_is_waited_out():
    visit = Visit(0)
    row = [(0.0, 0.3), (0.1, 0.4), (0.2, 0.5), (0.3, 0.5), (0.41, 0.5), (0.5, 0.49)]
    assert [visit.is_focusing(sharpness, at_s) for at_s, sharpness in row] == [
        False, True, True, True, False, False,
    ]  # fmt: skip


def test_frames_that_are_far_apart_are_not_compared():
    visit = Visit(0)
    assert not visit.is_focusing(0.3, 0.0)
    assert not visit.is_focusing(0.6, 2 * FOCUSING_S)
