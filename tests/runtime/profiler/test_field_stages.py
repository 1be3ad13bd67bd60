import pytest

from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.profiler.field_stages import profile_fields
from leukoscope.runtime.profiler.stopwatch import COPIES, STAGES
from leukoscope.runtime.settings import Settings


@pytest.fixture(scope="module")
def found(toy_bundle, painted_inputs):
    pipeline = open_pipeline(toy_bundle, Settings(threads=1))
    return profile_fields(toy_bundle, pipeline, painted_inputs, 3.0, lambda: False)


def test_the_stages_are_all_there_and_add_up_to_the_whole(found):
    assert [one.name for one in found.stages] == list(STAGES)
    known = [one for one in found.stages if one.ms is not None]
    assert {one.name for one in known} == set(STAGES) - set(COPIES)
    total = sum(one.ms.mean for one in known)
    assert total == pytest.approx(found.whole_ms.mean, rel=0.2)
    assert sum(one.share for one in known) == pytest.approx(1.0, abs=0.2)
    assert all(one.ms.n == found.n == found.whole_ms.n for one in known)


def test_a_processor_has_no_copies(found):
    copies = [one for one in found.stages if one.name in COPIES]
    assert all(one.ms is None and one.share is None and one.why_not for one in copies)


def test_every_stage_took_time(found):
    assert all(one.ms.mean > 0 for one in found.stages if one.ms is not None)


def test_networks_are_told_apart_and_calls_and_cells_counted(found):
    assert set(found.engine_by_network) == {"xincept_all", "sg_cldff"}
    engine = next(one for one in found.stages if one.name == "engine")
    parts = sum(one.mean for one in found.engine_by_network.values())
    assert parts == pytest.approx(engine.ms.mean)
    assert found.calls_a_field >= 2 and found.cells_a_field > 0


def test_stopped_at_once_it_is_empty(toy_bundle, painted_inputs):
    pipeline = open_pipeline(toy_bundle, Settings(threads=1))
    found = profile_fields(toy_bundle, pipeline, painted_inputs, 3.0, lambda: True)
    assert found.n == 0 and found.calls_a_field is None and not found.trusted


def test_one_network_alone_is_a_field_too(toy_bundle, painted_inputs):
    pipeline = open_pipeline(toy_bundle, Settings(threads=1), ["xincept_all"])
    found = profile_fields(toy_bundle, pipeline, painted_inputs, 0.2, lambda: False)
    assert found.cells_a_field == 0 and list(found.engine_by_network) == ["xincept_all"]
