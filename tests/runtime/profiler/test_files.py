import json

import pytest

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.profiler.files import FACTS, PAGES, check_place, write_json, write_page


def test_both_files_are_written_whole(profile, tmp_path):
    write_page(profile, tmp_path / "p.html")
    write_json(profile, tmp_path / "p.json")
    assert (tmp_path / "p.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "p.json").read_text())["schema"] == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["p.html", "p.json"]


@pytest.mark.parametrize(("name", "suffixes"), [("p.json", PAGES), ("p", FACTS), ("p.html", FACTS)])
def test_another_ending_is_a_usage_error(tmp_path, name, suffixes):
    with pytest.raises(UsageError, match="wanted a file that ends in"):
        check_place(tmp_path / name, "--report", tmp_path / "bundle", suffixes)


def test_places_that_cannot_be_written_are_refused_before_the_work(tmp_path):
    bundle = tmp_path / "bundle"
    (bundle / "inside").mkdir(parents=True)
    (tmp_path / "folder.html").mkdir()
    for path in (bundle / "p.html", bundle / "inside" / "p.html", tmp_path / "no" / "p.html", tmp_path / "folder.html"):  # fmt: skip
        with pytest.raises(InputError) as caught:
            check_place(path, "--report", bundle, PAGES)
        assert "\n" not in str(caught.value)
    assert check_place(tmp_path / "p.HTML", "--report", bundle, PAGES).name == "p.HTML"


def test_a_disk_that_refuses_is_one_line(profile, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_json(profile, tmp_path / "no" / "p.json")
