import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.bundle.read import open_bundle
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime
from leukoscope.runtime.engines.golden import TOLERANCES, compare, golden_set

RNG = np.random.default_rng(4)
GOLDEN = {
    "probabilities": np.array([[0.9, 0.05, 0.05], [0.2, 0.41, 0.39]], np.float32),
    "cams": RNG.random((2, 3, 6, 6), dtype=np.float32) * 0.01,
}


def changed(**arrays):
    return {**GOLDEN, **{name: np.asarray(a, np.float32) for name, a in arrays.items()}}


def faults(outputs, precision="fp32"):
    return {fault.output: fault.reason for fault in compare(outputs, GOLDEN, precision)}


@pytest.mark.parametrize("precision", [*TOLERANCES, "unheard of"])
def test_the_golden_outputs_themselves_are_right(precision):
    assert faults(changed(), precision) == {}
    assert faults({**GOLDEN, "more": np.zeros(3, np.float32)}, precision) == {}


def test_each_fault_names_its_output():
    assert "missing" in faults({"probabilities": GOLDEN["probabilities"]})["cams"]
    assert "[2, 3, 6]" in faults(changed(cams=GOLDEN["cams"][..., 0]))["cams"]
    assert "not finite" in faults(changed(cams=GOLDEN["cams"] * np.nan))["cams"]
    assert "not finite" in faults(changed(cams=np.full((2, 3, 6, 6), np.inf)), "int8")["cams"]


@pytest.mark.parametrize("precision", TOLERANCES)
def test_wrong_values_are_found_in_every_precision(precision):
    cams = GOLDEN["cams"]
    for wrong in (cams * 0, cams[::-1], cams[:, ::-1], cams * 1.4, np.swapaxes(cams, 2, 3)):
        assert "differs by" in faults(changed(cams=wrong), precision)["cams"]


def test_one_value_far_off_is_enough():
    cams = GOLDEN["cams"].copy()
    cams[1, 2, 3, 3] += 0.5 * cams.max()
    assert "of its greatest value, 0.3 is allowed" in faults(changed(cams=cams), "int8")["cams"]


def test_int8_may_differ_by_more_than_half():
    noise = RNG.normal(0, 0.04, GOLDEN["cams"].shape) * GOLDEN["cams"]
    outputs = changed(cams=GOLDEN["cams"] + noise)
    assert "cams" in faults(outputs, "fp16")
    assert faults(outputs, "int8") == {}


def test_another_class_is_a_fault_within_the_tolerance_too():
    got = GOLDEN["probabilities"].copy()
    got[0] = [0.45, 0.5, 0.05]
    assert (
        "another class for golden frame 0"
        in faults(changed(probabilities=got), "int8")["probabilities"]
    )


def test_a_tie_may_fall_either_way():
    got = GOLDEN["probabilities"].copy()
    got[1] = [0.2, 0.395, 0.405]
    assert faults(changed(probabilities=got), "int8") == {}


def test_an_output_that_is_zero_must_stay_so():
    golden = {"cams": np.zeros((1, 2, 2, 2), np.float32)}
    assert compare(golden, golden, "fp32") == ()
    assert compare({"cams": golden["cams"] + 1e-3}, golden, "int8")


@given(st.floats(0, 0.015))
def test_what_is_within_the_tolerance_is_taken(share):
    outputs = {name: (a * np.float32(1 + share)).astype(np.float32) for name, a in GOLDEN.items()}
    assert compare(outputs, GOLDEN, "fp32") == ()


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_of_a_bundle(ready_bundle, network):
    bundle = open_bundle(ready_bundle)
    found = golden_set(bundle, network, "fp32")
    backend = open_onnxruntime(bundle.graph(network, "fp32"), "a.onnx", "fp32", backend=CPU)
    assert found.faults(backend.infer(found.frames)) == ()
    swapped = backend.infer(np.ascontiguousarray(found.frames[..., ::-1]))
    assert {fault.output for fault in found.faults(swapped)} >= {"probabilities", "cams"}


def test_a_variant_without_golden_outputs(ready_bundle):
    assert golden_set(open_bundle(ready_bundle), "xincept_all", "int8") is None
