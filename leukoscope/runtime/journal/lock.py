"""One writer a journal, over processes: a lock file beside it, released by the kernel however the writer ends."""

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from leukoscope.errors import InputError

ENDING = "-lock"
"""Added to the journal's name, as SQLite adds `-wal` and `-shm`.

The journal itself is never opened here: closing any descriptor of it would drop this process's SQLite locks."""

TRIES = 10
TRY_AGAIN_S = 0.02
"""A reader that asks whether anybody writes holds the lock for an instant."""


class WriterLock:
    """Held from its making to `release`. InputError where another process holds it or the file system has no locks."""

    def __init__(self, journal: Path) -> None:
        self._path = beside(journal, ENDING)
        self._descriptor = self._take(journal)

    def _take(self, journal: Path) -> int:
        """Again where the holder was done, and its file gone, just as we came."""
        while True:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                _lock(descriptor, journal)
                if _is_at(self._path, descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def release(self) -> None:
        """The file goes while the lock is still held, so that nobody's lock is removed."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)


def beside(journal: Path, ending: str) -> Path:
    """The file of that ending beside the journal itself, whatever link leads to it: as SQLite finds its own."""
    return Path(os.path.realpath(journal) + ending)


def is_being_written(journal: Path) -> bool:
    """Whether some process holds the journal's lock; nothing is made."""
    try:
        descriptor = os.open(beside(journal, ENDING), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, journal: Path) -> None:
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise _no_locks(journal, error) from None
        if left:
            time.sleep(TRY_AGAIN_S)
    raise InputError(
        f"journal {journal} is being written by another run",
        next_step="stop that run, or give this one a journal of its own",
    )


def _no_locks(journal: Path, error: OSError) -> InputError:
    return InputError(
        f"the file system of {journal} has no locks ({error.strerror})",
        next_step="keep the journal on a disk of this machine",
    )


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
