import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from journal_made import about, fill, numbered

from leukoscope.errors import InputError
from leukoscope.runtime.journal.lock import WriterLock, is_being_written
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

HOLDER = """
import sys
sys.path[:0] = {folders!r}
from pathlib import Path
from journal_made import about, numbered
from leukoscope.runtime.journal.write import open_journal
journal = open_journal(Path(sys.argv[1]), about())
journal.write(numbered(0))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(path):
    """Another process that writes the journal."""
    here = Path(__file__).parent
    code = HOLDER.format(folders=[str(here), str(here.parent)])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, str(path)], **pipes) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_journal_that_another_process_writes_is_refused_and_read(path, holder):
    with pytest.raises(InputError, match="being written by another run; stop that run"):
        open_journal(path, about())
    with read_journal(path) as reader:
        summary = reader.summary()
        assert summary.fields == 1 and summary.sessions[0].ending == "running"
        assert not summary.crashed
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert reader.summary().sessions[0].ending == "crashed" and reader.summary().crashed
    # The kernel has let go of the lock, and the log that was left is taken up.
    assert fill(path, about(), 2) == [1, 2]
    with read_journal(path) as reader:
        assert [one.ending for one in reader.summary().sessions] == ["crashed", "done"]


def test_two_journals_of_one_process_are_refused_too(path):
    with open_journal(path, about()) as journal:
        with pytest.raises(InputError, match="another run"):
            open_journal(path, about())
        journal.write(numbered(0))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_link_to_a_journal_is_that_journal(path, tmp_path):
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(path)
    with open_journal(link, about()) as journal:
        journal.write(numbered(0))
        with pytest.raises(InputError, match="another run"):
            open_journal(path, about())
        with read_journal(path) as reader:
            assert reader.summary().sessions[0].ending == "running"
    assert [one.name for one in link.parent.iterdir()] == ["link.db"]


def test_a_refused_opening_leaves_no_lock(path):
    fill(path, about(), 1)
    with pytest.raises(InputError):
        open_journal(path, about(slide="other"))
    assert not is_being_written(path) and len(list(path.parent.iterdir())) == 1


def test_a_lock_file_that_a_crash_left_is_no_lock(path):
    path.with_name(path.name + "-lock").write_text("")
    assert not is_being_written(path)
    fill(path, about(), 1)


def test_a_holder_that_is_done_just_now_leaves_a_file_without_a_name(path, monkeypatch):
    first, real = WriterLock(path), fcntl.flock
    waited = []

    def release_first(descriptor, operation):
        if not waited:
            waited.append(True)
            monkeypatch.undo()
            first.release()
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", release_first)
    second = WriterLock(path)
    assert waited and is_being_written(path)
    second.release()


def test_a_reader_that_asks_does_not_keep_a_writer_out(path, monkeypatch):
    lock = path.with_name(path.name + "-lock")
    lock.write_text("")
    asking = os.open(lock, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)
    monkeypatch.setattr("time.sleep", lambda _: fcntl.flock(asking, fcntl.LOCK_UN))
    WriterLock(path).release()
    os.close(asking)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused(path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(InputError, match=r"has no locks .*keep the journal on a disk of this"):
        open_journal(path, about())
