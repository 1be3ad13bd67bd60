"""Writing a file whole or not at all."""

import os
from pathlib import Path

from leukoscope.runtime.sinks.sink import writing


def write_whole(path: Path, data: bytes) -> None:
    """Beside it first, then in its place. InputError where the disk refuses; what was there before stays then."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
