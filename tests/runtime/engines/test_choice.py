from types import SimpleNamespace

import pytest

from leukoscope.bundle.manifest import Variant
from leukoscope.errors import GateError, InputError
from leukoscope.runtime.engines.choice import choose_precision, choose_variants


def variants(**outcomes):
    made = {
        name: Variant(f"n.{name}.onnx", outcome and {"outcome": outcome, "checks": []})
        for name, outcome in outcomes.items()
    }
    return {"fp32": Variant("n.fp32.onnx"), **made}


@pytest.mark.parametrize(
    ("outcomes", "chosen"),
    [
        ({}, "fp32"),
        ({"int8": "passed"}, "int8"),
        ({"int8": "passed", "fp16": "passed"}, "fp16"),
        ({"int8": "passed", "fp16": "passed", "int8_fp16": "passed"}, "int8_fp16"),
        ({"int8_fp16": "failed", "fp16": "passed"}, "fp16"),
        ({"int8_fp16": "undecided", "int8": "passed"}, "int8"),
        ({"int8_fp16": None}, "fp32"),
        ({"int8_fp16": "failed"}, "fp32"),
    ],
)
def test_the_best_that_passed(outcomes, chosen):
    assert choose_precision("n", variants(**outcomes), None) == chosen


def test_the_undecided_only_where_they_are_accepted():
    some = variants(int8_fp16="undecided", int8="passed")
    assert choose_precision("n", some, None, accept_undecided=True) == "int8_fp16"


def test_a_variant_that_failed_only_by_its_name_and_the_flag():
    some = variants(int8="failed")
    with pytest.raises(GateError, match="--allow-failed"):
        choose_precision("n", some, "int8")
    assert choose_precision("n", some, "int8", allow_failed=True) == "int8"


class Bundle:
    """Two networks, one of them with int8."""

    def __init__(self, trained=True):
        one = SimpleNamespace(variants=variants(int8="passed"), trained=trained)
        two = SimpleNamespace(variants=variants(), trained=True)
        self.networks = {"one": one, "two": two}
        self.manifest = SimpleNamespace(networks=self.networks)

    def network(self, name):
        if name not in self.networks:
            raise InputError(f"no network {name}", wanted=", ".join(self.networks))
        return self.networks[name]

    def variant(self, network, precision):
        raise InputError(f"no {precision} of {network}")


def test_every_network_or_those_that_are_named():
    assert dict(choose_variants(Bundle(), None, None).precisions) == {"one": "int8", "two": "fp32"}
    assert dict(choose_variants(Bundle(), ["two"], None).precisions) == {"two": "fp32"}


def test_a_network_without_what_is_asked_for_is_built_in_float_and_it_is_said():
    chosen = choose_variants(Bundle(), None, "int8")
    assert dict(chosen.precisions) == {"one": "int8", "two": "fp32"}
    assert any(line.startswith("two has no int8") for line in chosen.remarks)


def test_a_precision_that_none_has_and_a_network_that_there_is_not():
    with pytest.raises(InputError, match="no fp16 of one"):
        choose_variants(Bundle(), None, "fp16")
    with pytest.raises(InputError, match="wanted one, two"):
        choose_variants(Bundle(), ["three"], None)


def test_random_weights_are_said():
    assert "random weights" in "".join(choose_variants(Bundle(trained=False), None, None).remarks)
