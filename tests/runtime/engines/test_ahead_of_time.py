"""Real engines of the shipped bundle's networks for compute capability 8.9, by `leukoscope build`; none was ever run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from precisions import copy_with_variants

from leukoscope.runtime.engines.layers import layers_from_json, types_by_node

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("tensorrt_rtx")]

AHEAD = ("--backend", "tensorrt-rtx", "--compute-capability", "8.9", "--batch", "1,4")
INT8, HALF, FLOAT = ("Int8", "Int8"), ("Half", "Half"), ("Float", "Float")


def build(bundle, *words, cache):
    command = [sys.executable, "-m", "leukoscope", "build", str(bundle), *map(str, words)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def bundle(ready_bundle, tmp_path_factory):
    root = tmp_path_factory.mktemp("variants") / "bundle"
    return copy_with_variants(ready_bundle, root)


@pytest.fixture(scope="module")
def built(bundle, cache):
    """JSON of the call and the types by node, by precision; each is built once."""
    kept = {}

    def make(precision):
        if precision not in kept:
            kept[precision] = make_engines(bundle, cache, precision)
        return kept[precision]

    return make


def make_engines(bundle, cache, precision):
    file = cache / f"{precision}.layers.json"
    asked = () if precision == "default" else ("--precision", precision)
    done = build(bundle.root, *AHEAD, *asked, "--layers", file, "--json", cache=cache)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["networks"], types(json.loads(file.read_text()))


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_float(built, network):
    _, found = built("fp32")
    assert set(found[network].values()) == {FLOAT}


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_half(built, bundle, network):
    _, found = built("fp16")
    convolutions = names(bundle, network, "fp16", "Conv")
    halves = sum(found[network].get(name) == HALF for name in convolutions)
    assert halves > 0.75 * len(convolutions)
    assert maps(found[network]) == {FLOAT}


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
@pytest.mark.parametrize(("precision", "rest"), [("int8", FLOAT), ("int8_fp16", HALF)])
def test_int8(built, bundle, network, precision, rest):
    _, found = built(precision)
    kinds = [found[network].get(name) for name in names(bundle, network, "int8", "Conv")]
    assert len(kinds) > 70 and set(kinds) == {INT8}
    assert rest in found[network].values()
    assert maps(found[network]) == {FLOAT}


def test_int8_with_the_rest_in_half_is_what_is_built_by_default(built):
    ours, _ = built("int8_fp16")
    again, _ = built("default")
    for network, entry in again.items():
        assert entry["reused"] and entry["engine"] == ours[network]["engine"]


def test_the_key_says_for_whom_it_is_and_that_nothing_is_proved(built):
    entry = built("fp32")[0]["sg_cldff"]
    assert entry["ahead_of_time"] and not entry["proved"]
    assert entry["key"]["gpu"] == "compute capability 8.9"
    assert entry["key"]["profile"] == [1, 1, 4]
    assert Path(entry["engine"]).stat().st_size == entry["size_bytes"]


def test_another_device_is_built_again_and_one_line_says_why(built, bundle, cache):
    built("fp16")
    words = ("--network", "xincept_all", "--precision", "fp16", *AHEAD)
    done = build(bundle.root, *words, "--compute-capability", "12.0", cache=cache)
    line = "the device changed from compute capability 8.9 to compute capability 12.0"
    assert done.returncode == 0 and line in done.stderr
    assert "unproved until its first run" in done.stdout


def test_orin_is_refused_with_what_to_do(bundle, cache):
    done = build(bundle.root, *AHEAD, "--compute-capability", "8.7", cache=cache)
    assert done.returncode == 2
    assert "8.9" in done.stderr and "--backend tensorrt on the board itself" in done.stderr


def test_a_precision_that_there_is_not(ready_bundle, cache):
    done = build(ready_bundle, *AHEAD, "--precision", "int8", cache=cache)
    assert done.returncode == 1 and "wanted fp32" in done.stderr


def types(value):
    """Types of data and weights by node, by network, of a file of layers."""
    return {
        network: types_by_node(layers_from_json(one["layers"]))
        for network, one in value["networks"].items()
    }


def names(bundle, network, precision, operator):
    """Names of the nodes of this kind whose weights are quantized where the variant is INT8."""
    nodes = onnx.load_model_from_string(bundle.graph(network, precision)).graph.node
    found = [node for node in nodes if node.op_type == operator]
    if precision == "int8":
        found = [node for node in found if node.input[1].endswith(".dequantized")]
    return [node.name for node in found]


def maps(found):
    return {kinds for name, kinds in found.items() if name.startswith("gradcam/")}
