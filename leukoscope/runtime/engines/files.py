"""Files of the engine cache, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from leukoscope.errors import MachineError


def write_atomically(path: Path, data: bytes) -> None:
    """Writes `data` beside `path` and moves it there, mode 0600; MachineError where the disk does not take it."""
    name = ""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".building-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105  one name is text already
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise MachineError(
            f"{path} cannot be written: {error.strerror}",
            next_step=f"make room in {path.parent}, or set XDG_CACHE_HOME to another disk",
        ) from None
