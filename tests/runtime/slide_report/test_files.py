import pytest

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.slide_report.files import Outputs


def test_all_that_was_asked_for_is_written_and_twice_the_same(slide, tmp_path, parquet):
    outputs = Outputs(tmp_path / "slide.html", tmp_path / "csv", tmp_path / "deep" / "parquet")
    outputs.check()
    written = outputs.write(slide)
    names = ["slide.html", "fields.csv", "cells.csv", "fields.parquet", "cells.parquet"]
    assert [one.name for one in written] == names
    before = [one.read_bytes() for one in written]
    outputs.write(slide)
    assert [one.read_bytes() for one in written] == before
    assert sorted(one.name for one in tmp_path.rglob("*") if one.is_file()) == sorted(names)


@pytest.mark.parametrize("name", ["slide.db", "slide", "slide.json"])
def test_a_page_ends_in_html(tmp_path, name):
    with pytest.raises(UsageError, match="html"):
        Outputs(page=tmp_path / name).check()


def test_places_that_will_not_do(tmp_path):
    (tmp_path / "taken.html").mkdir()
    (tmp_path / "file").write_text("x")
    for outputs, words in (
        (Outputs(page=tmp_path / "taken.html"), "is a folder"),
        (Outputs(page=tmp_path / "no" / "slide.html"), "mkdir -p"),
        (Outputs(csv=tmp_path / "file"), "is a file"),
        (Outputs(parquet=tmp_path / "file"), "is a file"),
    ):
        with pytest.raises(InputError, match=words):
            outputs.check()


def test_a_disk_that_refuses_is_one_line_and_leaves_what_was(slide, tmp_path):
    (tmp_path / "csv").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be written"):
        Outputs(csv=tmp_path / "csv" / "deeper").write(slide)
