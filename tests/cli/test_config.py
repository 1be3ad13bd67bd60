import json
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from leukoscope.cli.config import Config, save_settings
from leukoscope.errors import InputError, UsageError


@pytest.fixture
def app():
    app = typer.Typer()

    @app.command()
    def work(
        context: typer.Context,
        output: Annotated[Path, typer.Option()],
        frame_count: Annotated[int, typer.Option()] = 1,
        config: Config = None,
    ) -> None:
        print(frame_count, output)
        save_settings(context, output)

    return app


def call(app, *words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_a_file_gives_settings_and_flags_win(app, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(f'frame-count = 7\noutput = "{tmp_path / "a"}"\n')
    assert call(app, "--config", file).stdout.startswith("7 ")
    assert call(app, "--config", file, "--frame-count", 3).stdout.startswith("3 ")


def test_the_resolved_settings_are_saved_beside_the_result(app, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("frame-count = 7\n")
    call(app, "--config", file, "--output", tmp_path / "result.db")
    saved = json.loads((tmp_path / "result.db.settings.json").read_text())
    assert saved["settings"]["frame_count"] == 7


def test_a_result_without_a_name_of_its_own_has_its_folders(app, tmp_path, monkeypatch):
    (tmp_path / "bundle").mkdir()
    monkeypatch.chdir(tmp_path / "bundle")
    call(app, "--output", ".")
    assert [path.name for path in tmp_path.glob("*.json")] == ["bundle.settings.json"]


@pytest.mark.parametrize("text", ["frame-count = ", "\x00", "a = 1\na = 2"])
def test_what_is_no_toml_is_refused_by_name(app, tmp_path, text):
    file = tmp_path / "settings.toml"
    file.write_text(text)
    error = call(app, "--config", file, "--output", "x").exception
    assert isinstance(error, InputError) and "settings.toml" in str(error)


def test_an_unknown_setting_is_a_usage_error_that_names_the_known(app, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("frames = 3\n")
    error = call(app, "--config", file, "--output", "x").exception
    assert isinstance(error, UsageError)
    assert "frames" in str(error) and "frame-count" in str(error)


def test_a_missing_file_is_an_input_error(app, tmp_path):
    error = call(app, "--config", tmp_path / "none.toml", "--output", "x").exception
    assert isinstance(error, InputError)


def test_one_value_will_do_for_an_option_that_may_be_repeated(tmp_path):
    app = typer.Typer()

    @app.command()
    def work(data: Annotated[list[Path], typer.Option()], config: Config = None) -> None:
        print(*data)

    file = tmp_path / "settings.toml"
    for text, shown in (('data = "a"', "a"), ('data = ["a", "b"]', "a b")):
        file.write_text(text)
        assert call(app, "--config", file).stdout.strip() == shown
