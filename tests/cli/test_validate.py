import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import write_toy_bundle
from variants import add_variant

from leukoscope.cli.validate import validate
from leukoscope.errors import GateError, InputError, UsageError
from leukoscope.images.painter.folders import write_class_set

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(validate)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(write_toy_bundle(tmp_path_factory.mktemp("cli") / "bundle").root)


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    root = tmp_path_factory.mktemp("stages")
    write_class_set(root, 1, 7, size_px=(96, 64))
    return root


def invoke(*words):
    return CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=True)


def test_json_is_one_value_on_stdout(bundle, stages):
    got = invoke(bundle, "--data", stages, "--json")
    assert got.exit_code == 0, got.output
    row = json.loads(got.stdout)["networks"]["xincept_all"]["fp32"]
    assert row["n"] == 4 and row["flips"] == 0


def test_the_table_says_what_it_must(bundle, stages):
    got = invoke(bundle, "--data", stages, "--network", "xincept_all")
    assert got.exit_code == 0
    for words in ("accuracy", "cam agreement", "Benign", "groups inferred", "Research use only"):
        assert words in got.stdout, words


def test_images_that_cannot_be_read_end_in_exit_one(bundle, tmp_path):
    write_class_set(tmp_path / "d", 1, 7, size_px=(96, 64))
    (tmp_path / "d" / "Pro" / "field-0000.png").write_text("no image")
    got = invoke(bundle, "--data", tmp_path / "d", "--json")
    assert got.exit_code == 1 and "field-0000.png" in got.stderr
    row = json.loads(got.stdout)["networks"]["xincept_all"]["fp32"]
    assert row["n"] == 3 and row["unreadable"] == ["Pro/field-0000.png"]


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-bundle", "--data", "{stages}"),
        ("{bundle}", "--data", "no-such-folder"),
        ("{bundle}", "--data", "{stages}", "--network", "resnet"),
        ("{bundle}", "--data", "{stages}", "--network", "sg_cldff"),
        ("{bundle}", "--data", "{stages}", "--label-map", "no-such-map.toml"),
    ],
)
def test_what_is_wrong_is_an_input_error_in_one_line(bundle, stages, words):
    got = invoke(*(word.format(bundle=bundle, stages=stages) for word in words))
    assert isinstance(got.exception, InputError), got.exception
    assert "\n" not in str(got.exception)


def test_without_data_it_is_a_usage_error(bundle):
    assert invoke(bundle).exit_code == 2


@pytest.fixture(scope="module")
def with_int8(tmp_path_factory):
    """A variant of XIncept-ALL whose graph is the float one's."""
    root = write_toy_bundle(tmp_path_factory.mktemp("gate") / "bundle").root
    add_variant(root, "xincept_all", "int8")
    return str(root)


ROUGH = (
    "--gate",
    "--max-accuracy-drop",
    0.3,
    "--max-recall-drop",
    0.999,
    "--min-cam-agreement",
    0.7,
)


def test_several_folders_are_judged_together(bundle, stages, tmp_path):
    write_class_set(tmp_path / "more", 1, 8, size_px=(96, 64))
    got = invoke(bundle, "--data", stages, "--data", tmp_path / "more", "--json")
    value = json.loads(got.stdout)
    assert value["networks"]["xincept_all"]["fp32"]["n"] == 8
    assert value["data"] == [str(stages), str(tmp_path / "more")]


def test_a_gate_that_cannot_tell_is_exit_three_after_the_json(with_int8, stages):
    got = invoke(with_int8, "--data", stages, "--gate", "--json")
    assert isinstance(got.exception, GateError) and "cannot tell" in str(got.exception)
    verdict = json.loads(got.stdout)["gate"]["xincept_all"]["int8"]
    assert (verdict["outcome"], verdict["flips"], verdict["n"]) == ("undecided", 0, 4)
    assert [check["needed"] for check in verdict["checks"]] == [200, 50, 50, 50, 50, 20]


def test_accepting_the_undecided_is_exit_nought_and_said(with_int8, stages):
    got = invoke(with_int8, "--data", stages, "--gate", "--accept-undecided")
    assert got.exit_code == 0 and "accepted because of --accept-undecided" in got.stderr
    assert "cannot tell" in got.stdout and "flips: 0" in got.stdout


def test_budgets_and_unlabelled_fields_decide(with_int8, stages, tmp_path):
    write_class_set(tmp_path / "camera", 1, 9, size_px=(96, 64))
    got = invoke(with_int8, "--data", stages, *ROUGH, "--unlabelled", tmp_path / "camera", "--json")
    verdict = json.loads(got.stdout)["gate"]["xincept_all"]["int8"]
    assert (verdict["n"], verdict["n_unlabelled"]) == (8, 4)
    assert verdict["budgets"]["max_accuracy_drop"] == 0.3


def test_strict_asks_for_more(with_int8, stages):
    words = (with_int8, "--data", stages, *ROUGH, "--json")
    strict = json.loads(invoke(*words, "--strict").stdout)["gate"]["xincept_all"]["int8"]
    accuracy = {check["name"]: check for check in strict["checks"]}["accuracy"]
    assert accuracy["outcome"] == "undecided" and accuracy["upper"] == pytest.approx(1 - 0.05**0.25)
    mild = json.loads(invoke(*words).stdout)["gate"]["xincept_all"]["int8"]
    assert {check["name"]: check for check in mild["checks"]}["accuracy"]["outcome"] == "passed"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--strict",), UsageError),
        (("--max-iou-drop", 0.1), UsageError),
        (("--accept-undecided",), UsageError),
        (("--unlabelled", "x"), UsageError),
        (("--gate", "--max-accuracy-drop", 0), UsageError),
        (("--gate", "--min-cam-agreement", 1), UsageError),
        (("--gate", "--unlabelled", "no-such-folder"), InputError),
        (("--gate", "--precision", "fp32"), InputError),
    ],
)
def test_what_the_gate_cannot_use_is_one_of_our_errors(with_int8, stages, words, error):
    got = invoke(with_int8, "--data", stages, *words)
    assert type(got.exception) is error, got.exception
    assert "\n" not in str(got.exception)
