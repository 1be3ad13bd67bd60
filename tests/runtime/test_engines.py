import numpy as np
import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.runtime.engines import default_precision, open_engines
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
    from dataclasses import replace

    engine = open_engines(toy_bundle, CPU, ["sg_cldff"])["sg_cldff"]
    good = engine.infer(np.zeros((1, 192, 192, 3), np.uint8))
    broken = replace(engine, backend=Answers(**{**good, **change}))
    with pytest.raises(InputError, match=words):
        broken.infer(np.zeros((1, 192, 192, 3), np.uint8))


def test_fp32_is_the_default_where_there_is_one():
    assert default_precision({"int8": 0, "fp32": 0}) == "fp32"
    assert default_precision({"fp16": 0, "int8": 0}) == "fp16"
