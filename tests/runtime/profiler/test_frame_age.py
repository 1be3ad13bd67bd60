import pytest

from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.profiler.frame_age import SETTLING_SHARE, after_settling, profile_stream
from leukoscope.runtime.settings import Settings


@pytest.fixture(scope="module")
def pipeline(toy_bundle):
    return open_pipeline(toy_bundle, Settings(threads=1), shared=True)


def test_every_frame_is_a_field_or_counted(toy_bundle, pipeline, painted_inputs):
    found = profile_stream(toy_bundle, pipeline, painted_inputs, 100.0, 1.5, lambda: False)
    assert found.captured == found.fields + sum(found.drops.values())
    assert found.rate_hz == 100.0 and found.fields > 0 and found.fields_per_s > 0
    assert found.dropped_share == pytest.approx(1 - found.fields / found.captured)
    assert found.age_ms.n == found.shown_ms.n == len(found.ages_ms) == len(found.at_s)
    assert min(found.at_s) >= 1.5 * SETTLING_SHARE  # fields before it had settled are left out
    assert found.readings


def test_the_fields_of_the_first_fifth_are_left_out():
    results = [(0.1 * n, 50.0, 60.0) for n in range(10)]
    assert [one[0] for one in after_settling(results, 2.0)] == [0.1 * n for n in range(4, 10)]
    assert after_settling(results, 100.0) == []


def test_what_is_shown_is_older_than_its_result(toy_bundle, pipeline, painted_inputs):
    found = profile_stream(toy_bundle, pipeline, painted_inputs, 20.0, 1.0, lambda: False)
    assert found.shown_ms.mean > found.age_ms.mean > 0
    assert list(found.at_s) == sorted(found.at_s)


def test_stopped_at_once_it_ends(toy_bundle, pipeline, painted_inputs):
    found = profile_stream(toy_bundle, pipeline, painted_inputs, 30.0, 60.0, lambda: True)
    assert found.seconds < 30 and not found.trusted
