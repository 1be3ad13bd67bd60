import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import write_toy_bundle

from leukoscope.cli.validate import validate
from leukoscope.errors import InputError
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
