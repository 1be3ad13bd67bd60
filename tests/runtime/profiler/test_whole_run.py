from dataclasses import replace

import pytest
from profile_made import made_run

from leukoscope.errors import InputError
from leukoscope.runtime.pipeline import open_pipeline
from leukoscope.runtime.profiler import whole_run
from leukoscope.runtime.profiler.cold_start import Memory
from leukoscope.runtime.profiler.monitors.reading import Reading
from leukoscope.runtime.profiler.request import Request
from leukoscope.runtime.profiler.whole_run import NO_DEVICE, UNKNOWN_DEVICE, WholeRun, with_device
from leukoscope.runtime.settings import Settings

NETWORKS = ["xincept_all", "sg_cldff"]


def run_of(bundle, inputs, settings, stopped=lambda: False):
    left_out = []
    request = Request(seconds=1.5, cold_starts=1)
    run = WholeRun(
        bundle, request, settings, NETWORKS, inputs, stopped, lambda text: None,
        lambda what, why: left_out.append((what, str(why))),
    )  # fmt: skip
    return run.measured(), left_out


def test_all_parts_are_measured(toy_bundle, painted_inputs):
    found, left_out = run_of(toy_bundle, painted_inputs, Settings(threads=1))
    assert left_out == []
    assert found.networks == dict.fromkeys(NETWORKS, "fp32 on onnxruntime-cpu")
    assert found.fields.n > 0 and found.stream.fields > 0 and found.cold_start.n == 1
    assert found.memory.why_no_device == NO_DEVICE


def test_a_part_that_fails_leaves_the_others(toy_bundle, painted_inputs, monkeypatch):
    def fails(*arguments):
        raise InputError("the disk is full")

    monkeypatch.setattr(whole_run, "profile_fields", fails)
    found, left_out = run_of(toy_bundle, painted_inputs, Settings(threads=1))
    assert found.fields is None and found.stream is not None and found.cold_start is not None
    assert left_out == [("fields by stage on auto", "the disk is full")]


def test_networks_that_do_not_open_are_no_run(toy_bundle, painted_inputs):
    found, left_out = run_of(toy_bundle, painted_inputs, Settings(backend="tensorrt"))
    assert found is None and left_out[0][0] == "run on tensorrt"


def test_stopped_at_once_there_is_no_run(toy_bundle, painted_inputs):
    found, left_out = run_of(toy_bundle, painted_inputs, Settings(), lambda: True)
    assert found is None and left_out == []


@pytest.mark.parametrize(
    ("readings", "peak", "why"),
    [
        ([Reading(device_used_bytes=5), Reading(device_used_bytes=9), Reading()], 9, None),
        ([Reading()], None, UNKNOWN_DEVICE),
    ],
)
def test_the_devices_memory_is_what_its_monitor_has_shown(toy_bundle, readings, peak, why):
    pipeline = open_pipeline(toy_bundle, Settings(threads=1), ["xincept_all"])
    backend = type("Device", (), {"name": "tensorrt", "precision": "fp16"})()
    engines = {name: replace(one, backend=backend) for name, one in pipeline.engines.items()}
    stream = replace(made_run().stream, readings=tuple(readings))
    found = with_device(Memory(1, 2, None, None), replace(pipeline, engines=engines), stream)
    assert (found.device_peak_bytes, found.why_no_device) == (peak, why)
