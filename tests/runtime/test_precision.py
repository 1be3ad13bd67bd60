import pytest

from leukoscope.bundle.manifest import Variant
from leukoscope.errors import GateError
from leukoscope.runtime import precision
from leukoscope.runtime.precision import (
    check_gate,
    fastest_precision,
    gate_outcome,
    reference_precision,
    remark,
)

CPU, CUDA = "onnxruntime-cpu", "onnxruntime-cuda"


def variants(**outcomes):
    """fp32, and the others with these outcomes; None: not judged."""
    found = {name: {"outcome": outcome} if outcome else None for name, outcome in outcomes.items()}
    return {name: Variant(name, gate) for name, gate in {"fp32": None, **found}.items()}


@pytest.fixture(params=[True, False], ids=["vnni", "without"])
def vnni(request, monkeypatch):
    monkeypatch.setattr(precision, "multiplies_bytes", lambda: request.param)
    return request.param


def test_the_reference_is_float_where_there_is_one():
    assert reference_precision({"int8": 0, "fp32": 0}) == "fp32"
    assert reference_precision({"fp16": 0, "int8": 0}) == "fp16"


def test_int8_is_the_fastest_only_where_the_processor_multiplies_bytes(vnni):
    all_passed = variants(int8="passed", fp16="passed", int8_fp16="passed")
    assert fastest_precision(all_passed, CPU) == ("int8" if vnni else "fp32")
    assert fastest_precision(all_passed, CUDA) == "fp16"
    assert fastest_precision(variants(int8="passed"), CUDA) == "fp32"
    assert fastest_precision(variants(fp16="passed", int8_fp16="passed"), CPU) == "fp32"


@pytest.mark.parametrize("outcome", ["failed", "undecided", None, "PASSED", 1, True, ["passed"]])
def test_only_what_passed_is_picked_by_itself(monkeypatch, outcome):
    monkeypatch.setattr(precision, "multiplies_bytes", lambda: True)
    assert fastest_precision(variants(int8=outcome), CPU) == "fp32"


def test_the_undecided_is_picked_where_that_is_said_out_loud(monkeypatch):
    monkeypatch.setattr(precision, "multiplies_bytes", lambda: True)
    pick = {
        outcome: fastest_precision(variants(int8=outcome), CPU, accept_undecided=True)
        for outcome in ("undecided", "failed", None)
    }
    assert pick == {"undecided": "int8", "failed": "fp32", None: "fp32"}


@pytest.mark.parametrize(
    ("gate", "outcome"),
    [
        (None, None),
        ({"outcome": "passed"}, "passed"),
        ({"outcome": "undecided"}, "undecided"),
        ({}, "failed"),
        ({"outcome": "Passed"}, "failed"),
        ({"outcome": ["passed"]}, "failed"),
    ],
)
def test_a_record_that_says_nothing_known_counts_as_failed(gate, outcome):
    assert gate_outcome(Variant("f", gate)) == outcome


def test_what_failed_is_refused_with_what_failed_unless_it_is_said_out_loud():
    checks = [{"name": "recall Early", "outcome": "failed"}, {"name": "x", "outcome": "passed"}, 3]
    failed = Variant("f", {"outcome": "failed", "checks": checks})
    with pytest.raises(GateError, match=r"int8 .*recall Early\).*--allow-failed") as caught:
        check_gate("xincept_all", "int8", failed, allow_failed=False)
    assert caught.value.exit_code == 3
    check_gate("xincept_all", "int8", failed, allow_failed=True)
    with pytest.raises(GateError):
        check_gate("n", "int8", Variant("f", {"outcome": 7, "checks": "?"}), allow_failed=False)


@pytest.mark.parametrize("outcome", ["passed", "undecided", None])
def test_what_did_not_fail_is_not_refused(outcome):
    check_gate("n", "int8", variants(int8=outcome)["int8"], allow_failed=False)


@pytest.mark.parametrize(
    ("outcome", "taken", "asked", "words"),
    [
        ("passed", "int8", "int8", ""),
        ("passed", "int8", None, "runs in int8, which passed"),
        ("undecided", "int8", "int8", "accepted undecided"),
        ("undecided", "int8", None, "accepted undecided"),
        ("failed", "int8", "int8", "because of --allow-failed"),
        (None, "int8", "int8", "never judged"),
        ("passed", "fp32", "fp32", ""),
        ("passed", "fp32", None, ""),
        ("passed", "fp32", "fp16", "has no fp16: it runs in fp32"),
    ],
)
def test_a_choice_is_remarked_on_where_it_is_not_the_plain_one(outcome, taken, asked, words):
    said = remark("xincept_all", taken, variants(int8=outcome), asked)
    assert (words in said) if words else said == ""
