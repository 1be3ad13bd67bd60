import json

import pytest

from leukoscope.errors import InputError, MachineError
from leukoscope.progress import Silent
from leukoscope.runtime.profiler import measure
from leukoscope.runtime.profiler.measure import profile_bundle
from leukoscope.runtime.profiler.request import Request
from leukoscope.runtime.settings import Settings

SHORT = Request(
    seconds=0.6, cold_starts=1, batches=(1, 2), layers=False, settings=Settings(threads=1)
)


def short(**changes):
    from dataclasses import replace

    return replace(SHORT, **changes)


@pytest.fixture(scope="module")
def found(toy_bundle):
    return profile_bundle(toy_bundle, SHORT)


def test_every_variant_and_one_run(found):
    assert [one.network for one in found.variants] == ["xincept_all", "sg_cldff"]
    assert len(found.runs) == 1 and found.runs[0].backend == "auto"
    assert found.not_measured == () and not found.interrupted
    assert found.machine.threads == 1 and found.machine.backends == ("onnxruntime-cpu",)
    json.dumps(found.to_json(), allow_nan=False)


def test_a_backend_that_is_not_there_is_its_own_error(toy_bundle):
    with pytest.raises(MachineError):
        profile_bundle(toy_bundle, short(backends=("tensorrt",)))


def test_beside_one_that_is_there_it_is_listed(toy_bundle):
    found = profile_bundle(
        toy_bundle, short(backends=("onnxruntime-cpu", "tensorrt"), networks=("xincept_all",))
    )
    assert [one.backend for one in found.variants] == ["onnxruntime-cpu"]
    assert {one.what for one in found.not_measured} == {
        "xincept_all fp32 on tensorrt",
        "run on tensorrt",
    }
    assert [one.backend for one in found.runs] == ["onnxruntime-cpu"]


def test_what_auto_takes_is_not_measured_twice(toy_bundle):
    found = profile_bundle(
        toy_bundle, short(backends=("auto", "onnxruntime-cpu"), networks=("xincept_all",))
    )
    assert [one.backend for one in found.variants] == ["onnxruntime-cpu"]
    assert [one.backend for one in found.runs] == ["auto", "onnxruntime-cpu"]


def test_when_it_is_stopped_what_was_measured_is_reported(toy_bundle):
    class AfterOne(Silent):
        """Says stop once the second variant begins."""

        steps = 0

        def track(self, items, what, total=None):
            for item in items:
                self.steps += 1
                yield item

    progress = AfterOne()
    found = profile_bundle(toy_bundle, SHORT, stopped=lambda: progress.steps > 1, progress=progress)
    assert found.interrupted and not found.trusted and found.runs == ()
    assert found.variants[0].latency_ms.n > 0
    assert "Ctrl-C ended it early" in found.reasons


def test_random_weights_are_refused_unless_they_are_allowed(untrained_bundle):
    with pytest.raises(InputError, match="random weights"):
        profile_bundle(untrained_bundle, SHORT)
    allowed = Settings(threads=1, allow_untrained=True)
    found = profile_bundle(untrained_bundle, short(settings=allowed, networks=("xincept_all",)))
    assert found.untrained == ("xincept_all", "sg_cldff") and found.runs


def test_layers_are_studied_where_they_are_asked_for(toy_bundle, monkeypatch):
    asked = []

    class Study:
        backend, peaks, ms, notes = "onnxruntime-cpu", "peaks", 5.0, ("it tells nothing",)

    def study(bundle, network, precision, settings, frames, peaks):
        asked.append((network, settings.backend, len(frames), peaks))
        return Study()

    monkeypatch.setattr(measure, "study_layers", study)
    found = profile_bundle(toy_bundle, short(layers=True))
    assert asked == [
        ("xincept_all", "onnxruntime-cpu", 8, None),
        ("sg_cldff", "onnxruntime-cpu", 8, "peaks"),
    ]
    assert set(found.layers) == {
        ("xincept_all", "fp32", "onnxruntime-cpu"),
        ("sg_cldff", "fp32", "onnxruntime-cpu"),
    }


@pytest.mark.parametrize("change", [{"ms": None}, {"backend": "another"}])
def test_layers_that_the_backend_does_not_tell_are_listed(toy_bundle, monkeypatch, change):
    class Study:
        backend, peaks, ms, notes = "onnxruntime-cpu", "peaks", 5.0, ("it tells nothing",)

    for name, value in change.items():
        monkeypatch.setattr(Study, name, value)
    monkeypatch.setattr(measure, "study_layers", lambda *words, **named: Study())
    found = profile_bundle(toy_bundle, short(layers=True, networks=("xincept_all",)))
    assert found.layers == {} and len(found.variants) == 1
    one = found.not_measured[0]
    assert (one.what, one.why) == ("layers of xincept_all fp32 on auto", "it tells nothing")


@pytest.fixture(scope="module")
def untrained_bundle(tmp_path_factory):
    from toy_bundle import Toy, write_toy_bundle

    return write_toy_bundle(tmp_path_factory.mktemp("toy") / "b", Toy(trained=False))
