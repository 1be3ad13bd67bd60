import os
import stat

import pytest

from leukoscope.errors import MachineError
from leukoscope.runtime.engines.files import write_atomically


def test_replaces_the_whole_file_for_its_owner_only(tmp_path):
    path = tmp_path / "a.plan"
    for data in (b"one, and longer", b"two"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_trace(tmp_path, monkeypatch):
    path = tmp_path / "a.plan"
    path.write_bytes(b"old")

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MachineError, match=r"No space left.*make room"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_gone(tmp_path):
    with pytest.raises(MachineError, match="cannot be written"):
        write_atomically(tmp_path / "gone" / "a.plan", b"x")
