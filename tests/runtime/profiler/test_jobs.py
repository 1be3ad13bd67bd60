import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.profiler import jobs
from leukoscope.runtime.profiler.jobs import backends_of, jobs_of, networks_of, run_settings
from leukoscope.runtime.profiler.request import Request
from leukoscope.runtime.settings import Settings


def test_every_variant_of_every_network_on_every_backend(toy_bundle):
    request = Request(backends=("auto", "onnxruntime-cpu"), settings=Settings(threads=2))
    found = jobs_of(toy_bundle, request)
    assert [one.words for one in found] == [
        "xincept_all fp32 on auto",
        "xincept_all fp32 on onnxruntime-cpu",
        "sg_cldff fp32 on auto",
        "sg_cldff fp32 on onnxruntime-cpu",
    ]
    assert all(one.settings.threads == 2 for one in found)


def test_only_what_is_asked_for(toy_bundle):
    found = jobs_of(toy_bundle, Request(networks=("sg_cldff",), precisions=("fp32",)))
    assert [one.words for one in found] == ["sg_cldff fp32 on auto"]
    assert networks_of(toy_bundle, Request(networks=("sg_cldff",))) == ["sg_cldff"]


@pytest.mark.parametrize("asked", [{"networks": ("resnet",)}, {"precisions": ("int4",)}])
def test_what_is_not_there_is_named(toy_bundle, asked):
    with pytest.raises(InputError, match="has no"):
        jobs_of(toy_bundle, Request(**asked))


def test_the_run_is_as_run_would_choose_unless_precisions_are_named():
    assert [one.precision for one in run_settings(Request())] == [None]
    named = run_settings(Request(precisions=("fp32", "int8")))
    assert [one.precision for one in named] == ["fp32", "int8"]


def test_all_backends_are_those_that_lack_nothing(monkeypatch):
    lacking = {"tensorrt": {"driver": "x"}, "onnxruntime-openvino": {}, "onnxruntime-cpu": {}}
    monkeypatch.setattr(jobs, "lacking_by_backend", lambda: lacking)
    found = backends_of(Request(backends=("all", "onnxruntime-cpu")))
    assert found == ["onnxruntime-openvino", "onnxruntime-cpu"]
