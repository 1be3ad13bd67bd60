from dataclasses import replace

import numpy as np
import pytest
from toy_bundle import Toy, write_toy_bundle
from variants import add_variant

import leukoscope.runtime.engine as engines_module
from leukoscope.errors import GateError, InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.runtime import precision
from leukoscope.runtime.engine import open_engines, remarks
from leukoscope.runtime.settings import Settings

CPU = Settings(backend="onnxruntime-cpu", threads=1)


def test_both_networks_open_with_their_own_contract(toy_bundle):
    engines = open_engines(toy_bundle, CPU)
    assert {name: e.contract.input_px for name, e in engines.items()} == {
        "xincept_all": 96,
        "sg_cldff": 192,
    }
    assert engines["sg_cldff"].classes == CELL_TYPES
    assert engines["sg_cldff"].backend.name == "onnxruntime-cpu"
    assert engines["sg_cldff"].backend.precision == "fp32"


def test_only_the_networks_that_are_wanted(toy_bundle):
    assert list(open_engines(toy_bundle, CPU, ["sg_cldff"])) == ["sg_cldff"]


def test_untrained_networks_are_refused_unless_it_is_said_out_loud(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b", Toy(trained=False, networks=("xincept_all",)))
    with pytest.raises(InputError, match=r"random weights.*--allow-untrained"):
        open_engines(bundle, CPU)
    assert open_engines(bundle, Settings(allow_untrained=True))


def test_a_precision_that_the_bundle_lacks_is_named_with_those_it_has(toy_bundle):
    with pytest.raises(InputError, match=r"int8.*fp32"):
        open_engines(toy_bundle, Settings(precision="int8"))


@pytest.mark.parametrize(("network", "output"), [("xincept_all", "features"), ("sg_cldff", "mask")])
def test_a_graph_without_an_output_that_the_stages_need_is_refused(tmp_path, network, output):
    toy = Toy(networks=(network,), trees=False, swap=(output, "other"))
    engine = open_engines(write_toy_bundle(tmp_path / "b", toy), CPU)[network]
    side = engine.contract.input_px
    with pytest.raises(InputError, match=f"no output {output}"):
        engine.infer(np.zeros((1, side, side, 3), np.uint8))


class Answers:
    name, precision = "stand-in", "fp32"

    def __init__(self, **arrays):
        self._arrays = arrays

    def infer(self, frames):
        return self._arrays


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"probabilities": np.zeros((1, 7), np.float32)}, r"probabilities \[1, 7\]"),
        ({"probabilities": np.full((1, 8), np.nan, np.float32)}, "not finite"),
        ({"cams": np.zeros((1, 8, 4), np.float32)}, "cams"),
        ({"mask": np.zeros((1, 3, 8, 8), np.float32)}, "mask"),
    ],
)
def test_misshapen_or_endless_outputs_are_refused(toy_bundle, change, words):
    engine = open_engines(toy_bundle, CPU, ["sg_cldff"])["sg_cldff"]
    good = engine.infer(np.zeros((1, 192, 192, 3), np.uint8))
    broken = replace(engine, backend=Answers(**{**good, **change}))
    with pytest.raises(InputError, match=words):
        broken.infer(np.zeros((1, 192, 192, 3), np.uint8))


@pytest.fixture
def with_int8(tmp_path, monkeypatch):
    """A toy bundle whose XIncept-ALL has an int8 variant with this outcome, on a processor with VNNI."""
    monkeypatch.setattr(precision, "multiplies_bytes", lambda: True)

    def write(outcome):
        return add_variant(write_toy_bundle(tmp_path / "b").root, "xincept_all", "int8", outcome)

    return write


def taken(engines):
    return {name: engine.backend.precision for name, engine in engines.items()}


def test_each_network_runs_in_the_fastest_that_passed(with_int8):
    bundle = with_int8("passed")
    engines = open_engines(bundle, CPU)
    assert taken(engines) == {"xincept_all": "int8", "sg_cldff": "fp32"}
    assert remarks(bundle, engines, CPU) == ["xincept_all runs in int8, which passed its gate"]
    assert taken(open_engines(bundle, replace(CPU, precision="fp32")))["xincept_all"] == "fp32"


def test_a_precision_that_one_network_has_leaves_the_other_in_float(with_int8):
    asked = replace(CPU, precision="int8")
    bundle = with_int8("passed")
    engines = open_engines(bundle, asked)
    assert taken(engines) == {"xincept_all": "int8", "sg_cldff": "fp32"}
    assert remarks(bundle, engines, asked) == ["sg_cldff has no int8: it runs in fp32"]
    with pytest.raises(InputError, match=r"no int8 of sg_cldff.*fp32"):
        open_engines(bundle, asked, ["sg_cldff"])


def test_what_failed_runs_only_when_it_is_asked_for_and_said_out_loud(with_int8):
    bundle, asked = with_int8("failed"), replace(CPU, precision="int8")
    with pytest.raises(GateError, match="--allow-failed"):
        open_engines(bundle, asked)
    aloud = replace(asked, allow_failed=True)
    engines = open_engines(bundle, aloud)
    assert taken(engines)["xincept_all"] == "int8"
    assert "failed its gate" in remarks(bundle, engines, aloud)[0]
    assert taken(open_engines(bundle, replace(CPU, allow_failed=True)))["xincept_all"] == "fp32"


def test_what_is_undecided_runs_when_asked_for_and_is_not_picked_by_itself(with_int8):
    bundle, asked = with_int8("undecided"), replace(CPU, precision="int8")
    engines = open_engines(bundle, asked)
    assert taken(engines)["xincept_all"] == "int8"
    assert "accepted undecided" in remarks(bundle, engines, asked)[0]
    assert taken(open_engines(bundle, CPU))["xincept_all"] == "fp32"
    picked = open_engines(bundle, replace(CPU, accept_undecided=True))
    assert taken(picked)["xincept_all"] == "int8"


def test_where_cuda_does_not_start_the_choice_is_the_cpu_s(tmp_path, monkeypatch):
    """The provider is built in, but there is no driver: fp16 would be slow on the CPU that it falls back to."""
    monkeypatch.setattr(engines_module, "has_cuda", lambda: True)
    monkeypatch.setattr(precision, "multiplies_bytes", lambda: True)
    root = write_toy_bundle(tmp_path / "b").root
    add_variant(root, "xincept_all", "fp16", "passed")
    bundle = add_variant(root, "xincept_all", "int8", "passed")
    engines = open_engines(bundle, Settings(threads=1), ["xincept_all"])
    assert taken(engines) == {"xincept_all": "int8"}
