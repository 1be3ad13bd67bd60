"""What a calibration has worked out so far, kept beside the bundle so that a killed one goes on where it was."""

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_bytes

SUFFIX = ".calibrating"
STEPS = "steps.jsonl"
SCRATCH = ("candidate", "tried", ".candidate.new-*", ".tried.new-*")
"""Staged bundles, which a kill leaves behind."""


class Workspace:
    """The folder `BUNDLE.calibrating`: answers by key, one line each, flushed as they come.

    A key begins with the digest of all that its answer depends on, so that an answer to another question is never
    taken. A line that a kill cut short is passed over. InputError where the name is taken by something that is not
    ours, and while another process has it open.
    """

    def __init__(self, bundle: Path) -> None:
        self.root = bundle.with_name(bundle.name + SUFFIX)
        _check_ours(self.root)
        self.root.mkdir(parents=True, exist_ok=True)
        self._file = (self.root / STEPS).open("a", encoding="utf-8")
        _lock(self._file.fileno(), self.root / STEPS)
        self._known = dict(_lines(self.root / STEPS))
        for path in (path for pattern in SCRATCH for path in self.root.glob(pattern)):
            _remove(path)

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def recall(self, key: str) -> Any:
        """The answer, or None."""
        return self._known.get(key)

    def keep(self, key: str, answer: Any) -> None:
        """Remembers an answer, on the disk before it returns."""
        self._known[key] = answer
        # A line of its own even where a kill left half a line.
        self._file.write("\n" + json.dumps({"key": key, "answer": answer}, allow_nan=False))
        self._file.flush()
        os.fsync(self._file.fileno())

    def count(self, prefix: str) -> int:
        """How many answers are known whose keys begin so."""
        return sum(key.startswith(prefix) for key in self._known)

    def remove(self) -> None:
        """Nothing is left to go on with."""
        shutil.rmtree(self.root, ignore_errors=True)
        self._file.close()


def digest(facts: Mapping[str, Any]) -> str:
    """Short digest of JSON values, the same for the same values in any order of keys."""
    return sha256_of_bytes(json.dumps(facts, sort_keys=True).encode())[:16]


def _lines(path: Path) -> list[tuple[str, Any]]:
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            step = json.loads(line)
            found.append((str(step["key"]), step["answer"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def _check_ours(root: Path) -> None:
    """The folder goes when the variant is written: what somebody else keeps by that name must not go with it."""
    free = not os.path.lexists(root) or (root.is_dir() and not any(root.iterdir()))
    if not free and not (root / STEPS).is_file():
        raise InputError(
            f"{root} is not of a calibration", wanted="no such name", next_step="move it away"
        )


def _lock(descriptor: int, path: Path) -> None:
    """Held until the file is closed, however that comes; where the file system has no locks, none is taken."""
    busy = InputError(
        f"another calibration is at work in {path.parent}", next_step="wait until it is done"
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise busy from None
    except OSError:
        return
    if not path.exists() or not os.path.samestat(os.fstat(descriptor), path.stat()):
        raise busy  # it was done, and its folder gone, just as we came


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
