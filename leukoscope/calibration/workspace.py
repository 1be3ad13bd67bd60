"""What a calibration has worked out so far, kept beside the bundle so that a killed one goes on where it was."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from leukoscope.images.hashes import sha256_of_bytes

SUFFIX = ".calibrating"
STEPS = "steps.jsonl"


class Workspace:
    """The folder `BUNDLE.calibrating`: answers by key, one line each, flushed as they come.

    A key begins with the digest of all that its answer depends on, so that an answer to another question is never
    taken. A line that a kill cut short is passed over.
    """

    def __init__(self, bundle: Path) -> None:
        self.root = bundle.with_name(bundle.name + SUFFIX)
        self.root.mkdir(parents=True, exist_ok=True)
        self._known = dict(_lines(self.root / STEPS))
        self._file = (self.root / STEPS).open("a", encoding="utf-8")

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
        self._file.close()
        shutil.rmtree(self.root, ignore_errors=True)


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
        except (ValueError, KeyError, TypeError):
            continue
    return found
