import json

import pytest
import study_made as made

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.report.files import place_of, write


def test_both_files_are_written_and_nothing_else(tmp_path):
    place = place_of(tmp_path / "trial.html", tmp_path / "bundle")
    write(made.study(), place)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["trial.html", "trial.json"]
    assert place.page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(place.facts.read_text(encoding="utf-8"))["schema"] == 1
    write(made.nothing(), place)
    assert "No image has a label" in place.page.read_text(encoding="utf-8"), "it is replaced"


@pytest.mark.parametrize("name", ["trial.pdf", "trial", "trial.json", ".html"])
def test_only_a_page_is_a_page(tmp_path, name):
    with pytest.raises(UsageError, match="html"):
        place_of(tmp_path / name, tmp_path / "bundle")


@pytest.mark.parametrize("inside", ["r.html", "sub/r.html", "../bundle/r.html"])
def test_a_bundle_is_left_alone(tmp_path, inside):
    bundle = tmp_path / "bundle"
    (bundle / "sub").mkdir(parents=True)
    with pytest.raises(InputError, match="inside the bundle"):
        place_of(bundle / inside, bundle)


def test_a_folder_must_be_there_and_its_name_free(tmp_path):
    with pytest.raises(InputError, match="mkdir -p"):
        place_of(tmp_path / "no" / "r.html", tmp_path / "bundle")
    (tmp_path / "r.json").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        place_of(tmp_path / "r.html", tmp_path / "bundle")


def test_a_disk_that_refuses_is_one_line_and_leaves_no_part(tmp_path, monkeypatch):
    place = place_of(tmp_path / "r.html", tmp_path / "bundle")

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    with pytest.raises(InputError, match="No space left"):
        write(made.nothing(), place)
    assert list(tmp_path.iterdir()) == []
