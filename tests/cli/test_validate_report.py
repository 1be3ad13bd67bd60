"""`validate --report`: two files beside each other, and nothing in the bundle."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))
from toy_bundle import write_toy_bundle
from variants import add_variant

from leukoscope.bundle.read import open_bundle
from leukoscope.cli.validate import validate
from leukoscope.errors import GateError, InputError, UsageError
from leukoscope.images.painter.folders import write_class_set

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(validate)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    root = write_toy_bundle(tmp_path_factory.mktemp("report") / "bundle").root
    add_variant(root, "xincept_all", "int8")
    return root


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    root = tmp_path_factory.mktemp("stages")
    write_class_set(root, 1, 7, size_px=(96, 64))
    return root


def invoke(*words):
    return CliRunner().invoke(APP, [str(word) for word in words], catch_exceptions=True)


def test_the_report_and_its_facts_are_written_beside_each_other(bundle, stages, tmp_path):
    page = tmp_path / "trial.html"
    got = invoke(bundle, "--data", stages, "--report", page, "--json")
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["networks"]["xincept_all"]["int8"]["flips"] == 0
    assert f"report: {page}, {tmp_path / 'trial.json'}" in got.stderr
    facts = json.loads((tmp_path / "trial.json").read_text(encoding="utf-8"))
    assert [row["variant"] for row in facts["networks"][0]["rows"]] == ["fp32", "int8"]
    assert facts["networks"][0]["rows"][1]["latency"]["n"] >= 20
    assert facts["data"] == [stages.name], "a path would say whose folder it is"
    assert "No verdict: the gate was not asked for" in page.read_text(encoding="utf-8")
    assert (tmp_path / "trial.html.settings.json").is_file()
    open_bundle(bundle)


def test_a_verdict_is_in_the_report_before_the_call_fails(bundle, stages, tmp_path):
    page = tmp_path / "trial.html"
    got = invoke(bundle, "--data", stages, "--gate", "--report", page)
    assert isinstance(got.exception, GateError)
    text = page.read_text(encoding="utf-8")
    assert "Cannot tell" in text and "accepted so" not in text


def test_what_was_accepted_undecided_is_said_on_the_page(bundle, stages, tmp_path):
    page = tmp_path / "trial.html"
    got = invoke(bundle, "--data", stages, "--gate", "--accept-undecided", "--report", page)
    assert got.exit_code == 0
    words = "xincept_all int8: cannot tell, and accepted so (--accept-undecided)"
    assert words in page.read_text(encoding="utf-8")
    assert json.loads((tmp_path / "trial.json").read_text())["notes"] == [words]


@pytest.mark.parametrize(
    ("name", "error"),
    [("r.pdf", UsageError), ("no/r.html", InputError), ("{bundle}/r.html", InputError)],
)
def test_a_place_that_cannot_be_is_refused_before_the_work(bundle, stages, tmp_path, name, error):
    page = tmp_path / name.format(bundle=bundle)
    got = invoke(bundle, "--data", stages, "--report", page)
    assert type(got.exception) is error and "\n" not in str(got.exception)
    assert got.stdout == ""
    open_bundle(bundle)
