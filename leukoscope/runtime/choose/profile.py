"""What is kept of a microscope from one run to the next: its best sharpness, by the frame's size.

A small JSON file in the user's configuration folder; whoever opens a profile saves it.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leukoscope.bundle.fields import parse_json
from leukoscope.bundle.read import open_regular
from leukoscope.errors import InputError, MachineError, UsageError

SCHEMA = 1
KEYS = ["schema", "name", "best_sharpness"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SIZE = re.compile(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})")
LIMIT_BYTES = 64 * 1024
SHARPEST = 10.0
"""No picture is sharper: every other pixel black and white gives less than half of it."""

Size = tuple[int, int]
"""Width, height."""


class Profile:
    """One microscope with its camera, by the name that the operator gave it."""

    def __init__(self, name: str, path: Path, best_sharpness: Mapping[Size, float]) -> None:
        self.name, self.path = name, path
        self._best = dict(best_sharpness)

    def best_sharpness(self, size_px: Size) -> float | None:
        """For frames of this width and height; None where it is not known."""
        return self._best.get(size_px)

    def keep(self, size_px: Size, sharpness: float) -> None:
        """Sets it for this width and height, positive."""
        self._best[size_px] = min(sharpness, SHARPEST)

    def save(self) -> None:
        """Writes the file, whole or not at all; MachineError where the disk does not take it."""
        best = {f"{w}x{h}": round(value, 4) for (w, h), value in sorted(self._best.items())}
        text = json.dumps(dict(zip(KEYS, (SCHEMA, self.name, best), strict=True)), indent=1) + "\n"
        _write_whole(self.path, text.encode())


def open_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile called `name`, new where there is none.

    `folder` is `microscopes_folder()` by default. UsageError for a name that is no file name, InputError in
    one line for a file that is not one of ours: it is refused, not mended.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name[:80]!r} is no name for a microscope", wanted="up to 64 letters, digits, . _ -"
        )
    path = (folder or microscopes_folder()) / f"{name}.json"
    if not path.exists() and not path.is_symlink():
        return Profile(name, path, {})
    try:
        return Profile(name, path, _read(path, name))
    except InputError as error:
        raise InputError(
            error.found, wanted=error.wanted, next_step=f"delete {path}, or give another name"
        ) from None


def microscopes_folder() -> Path:
    """`$XDG_CONFIG_HOME/leukoscope/microscopes`, `~/.config` by default; it need not be there."""
    asked = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    root = asked if asked.is_absolute() else Path.home() / ".config"
    return root / "leukoscope" / "microscopes"


def _read(path: Path, name: str) -> dict[Size, float]:
    with open_regular(path) as file:
        data = file.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise InputError(f"{path} is larger than {LIMIT_BYTES} bytes")
    value = parse_json(data, str(path))
    if not isinstance(value, dict) or sorted(value) != sorted(KEYS):
        raise InputError(f"{path} is no profile of a microscope", wanted=f"keys {', '.join(KEYS)}")
    if type(value["schema"]) is not int or value["schema"] != SCHEMA:
        raise InputError(f"{path} has schema {str(value['schema'])[:20]}", wanted=str(SCHEMA))
    if value["name"] != name:
        raise InputError(f"{path} is the profile of {str(value['name'])[:80]!r}", wanted=name)
    return _sizes(value["best_sharpness"], path)


def _sizes(value: Any, path: Path) -> dict[Size, float]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: best_sharpness is no object")
    found: dict[Size, float] = {}
    for key, best in value.items():
        size = SIZE.fullmatch(key)
        if size is None:
            raise InputError(f"{path}: {key[:40]!r} is no size", wanted="WIDTHxHEIGHT")
        if not isinstance(best, (int, float)) or isinstance(best, bool) or not 0 < best <= SHARPEST:
            wanted = f"a number above 0, up to {SHARPEST:g}"
            raise InputError(f"{path}: best_sharpness of {key} is {str(best)[:40]}", wanted=wanted)
        found[int(size[1]), int(size[2])] = float(best)
    return found


def _write_whole(path: Path, data: bytes) -> None:
    name = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".saving-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise MachineError(
            f"{path} cannot be written: {error.strerror}",
            next_step="make room there, or set XDG_CONFIG_HOME to another disk",
        ) from None
