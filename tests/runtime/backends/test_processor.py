"""Which backend runs on the processor: with stand-ins that take a stated time by a clock of their own."""

import numpy as np
import pytest

from leukoscope.bundle.read import open_bundle
from leukoscope.errors import InputError
from leukoscope.runtime import engine as engines
from leukoscope.runtime.backends import processor
from leukoscope.runtime.backends.processor import choose_for_processor
from leukoscope.runtime.engines.golden import golden_set
from leukoscope.runtime.settings import Settings

NETWORK = "xincept_all"


class Clock:
    now_ms = 0.0

    def perf_counter(self):
        return self.now_ms / 1e3

    def process_time(self):
        """Half of what the clock says is other people's work."""
        return self.now_ms / 2e3


class StandIn:
    """Gives the golden outputs of the frames that it is asked for, changed by `change`, and takes `ms` a frame."""

    precision = "fp32"

    def __init__(self, name, golden, clock, ms, change=lambda outputs: outputs):
        self.name, self._golden, self._clock, self._ms = name, golden, clock, ms
        self._change = change

    def infer(self, frames):
        self._clock.now_ms += self._ms * len(frames)
        rows = [
            next(k for k, g in enumerate(self._golden.frames) if (g == f).all()) for f in frames
        ]
        return self._change({name: array[rows] for name, array in self._golden.outputs.items()})


@pytest.fixture
def trial(ready_bundle, monkeypatch):
    """Chooses between ONNX Runtime, which takes `ours` ms, and OpenVINO, `theirs`."""
    bundle, clock = open_bundle(ready_bundle), Clock()
    golden = golden_set(bundle, NETWORK, "fp32")
    monkeypatch.setattr(processor, "time", clock)

    def run(ours, theirs, change=lambda outputs: outputs, installed=True, rival=None):
        opened = []

        def open_rival(*_, **__):
            opened.append(True)
            return rival() if rival else StandIn("openvino", golden, clock, theirs, change)

        monkeypatch.setattr(processor, "has_openvino", lambda: installed)
        monkeypatch.setattr(processor, "open_openvino", open_rival)
        runtime = StandIn("onnxruntime-cpu", golden, clock, ours)
        choice = choose_for_processor(bundle, NETWORK, runtime, None)
        return choice.backend.name, choice.notes, bool(opened)

    return run


def test_the_quicker_one_runs_and_the_reason_is_said(trial):
    name, notes, _ = trial(ours=80, theirs=50)
    assert name == "openvino"
    assert notes == ("xincept_all runs on openvino: 50 ms a square here, 80 with onnxruntime-cpu",)


@pytest.mark.parametrize("theirs", [120, 80, 74])
def test_onnx_runtime_stays_where_openvino_is_not_clearly_quicker(trial, theirs):
    assert trial(ours=80, theirs=theirs) == ("onnxruntime-cpu", (), True)


def test_openvino_is_not_even_loaded_for_a_quick_network_or_where_it_is_not_installed(trial):
    assert trial(ours=59, theirs=1) == ("onnxruntime-cpu", (), False)
    assert trial(ours=80, theirs=1, installed=False) == ("onnxruntime-cpu", (), False)


def test_nor_without_golden_outputs(trial, monkeypatch):
    monkeypatch.setattr(processor, "golden_set", lambda *_: None)
    assert trial(ours=80, theirs=1) == ("onnxruntime-cpu", (), False)


def wrong_probabilities(outputs):
    return {**outputs, "probabilities": outputs["probabilities"][:, ::-1]}


def wrong_alone(outputs):
    """Right as a batch only."""
    return wrong_probabilities(outputs) if len(outputs["probabilities"]) == 1 else outputs


@pytest.mark.parametrize("change", [wrong_probabilities, wrong_alone])
def test_outputs_that_are_not_the_golden_ones_are_a_line_and_onnx_runtime(trial, change):
    name, (note,), _ = trial(ours=80, theirs=1, change=change)
    assert name == "onnxruntime-cpu"
    assert note.startswith("xincept_all: openvino does not give the golden probabilities: ")
    assert note.endswith("onnxruntime-cpu takes over")


def test_a_model_that_it_does_not_take_is_a_line_and_onnx_runtime(trial):
    def refuse():
        raise InputError("OpenVINO does not take x.onnx: no such operator")

    name, (note,), _ = trial(ours=80, theirs=1, rival=refuse)
    assert name == "onnxruntime-cpu" and "no such operator" in note


def test_auto_asks_and_a_backend_by_name_does_not(toy_bundle, monkeypatch):
    asked = []

    def choose(bundle, network, runtime, threads):
        asked.append(network)
        return processor.Choice(runtime, (f"{network}: tried",))

    monkeypatch.setattr(engines, "choose_for_processor", choose)
    opened = engines.open_engines(toy_bundle, Settings())
    if all(e.backend.name == "onnxruntime-cpu" for e in opened.values()):
        assert asked == list(opened)
        assert opened[NETWORK].notes[-1] == f"{NETWORK}: tried"
    asked.clear()
    assert not engines.open_engines(toy_bundle, Settings(backend="onnxruntime-cpu"))[NETWORK].notes
    assert asked == []


def test_openvino_by_name_with_wrong_outputs_is_replaced_with_a_line(toy_bundle, monkeypatch):
    found = (None, ("xincept_all: openvino does not give the golden cams",))
    monkeypatch.setattr(engines, "open_by_name", lambda *_: found)
    engine = engines.open_engines(toy_bundle, Settings(backend="openvino"), [NETWORK])[NETWORK]
    assert engine.backend.name == "onnxruntime-cpu"
    assert engine.notes == (f"{found[1][0]}; onnxruntime-cpu takes over",)


def test_by_name_its_outputs_are_looked_at_too(ready_bundle, monkeypatch):
    bundle = open_bundle(ready_bundle)
    golden = golden_set(bundle, NETWORK, "fp32")
    for change, expected in ((lambda outputs: outputs, "openvino"), (wrong_alone, None)):
        rival = StandIn("openvino", golden, Clock(), 1, change)
        monkeypatch.setattr(processor, "open_openvino", lambda *_, rival=rival, **__: rival)
        backend, notes = processor.open_by_name(bundle, NETWORK, "fp32", None)
        assert (backend and backend.name) == expected and len(notes) == (expected is None)
    assert np.isfinite(golden.frames).all()
