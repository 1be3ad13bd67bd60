from types import SimpleNamespace

import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.sinks.folder import FolderSink


class Names(FolderSink):
    ending = "txt"

    def content(self, result):
        return None if result.frame.name == "empty" else result.frame.name.encode()


def result(name):
    return SimpleNamespace(frame=SimpleNamespace(name=name))


def test_one_file_for_each_field_that_gives_one(tmp_path):
    with Names(tmp_path / "new" / "folder") as sink:
        for name in ("a", "empty", "b"):
            sink.write(result(name))
    assert {f.name: f.read_bytes() for f in (tmp_path / "new" / "folder").iterdir()} == {
        "a.txt": b"a",
        "b.txt": b"b",
    }


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file"), Names(tmp_path / "file" / "folder"):
        pass
