import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.whole_file import write_whole


def test_a_file_is_written_and_takes_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "a.html"
    for data in (b"one", b"another"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert [one.name for one in tmp_path.iterdir()] == ["a.html"]


def test_a_place_that_refuses_is_one_line_and_nothing_is_left(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError, match="taken cannot be written"):
        write_whole(tmp_path / "taken", b"data")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]
