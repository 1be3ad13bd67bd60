import errno

import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.sinks.sink import make_folder, writing


def test_a_full_disk_is_one_line_that_names_the_file(tmp_path):
    words = r"x\.png cannot be written: No space left"
    with pytest.raises(InputError, match=words), writing(tmp_path / "x.png"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="taken"):
        make_folder(tmp_path / "taken")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
