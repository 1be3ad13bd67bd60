"""ALL-IDB1's .xyc files: a line `x y` for each annotated cell, in pixels."""

import re
from pathlib import Path

from leukoscope.errors import InputError

MAX_BYTES = 1 << 20
LINE = re.compile(r"[ \t]*([0-9]{1,6})[ \t]+([0-9]{1,6})[ \t]*", re.ASCII)


def read_centres(path: Path) -> tuple[tuple[int, int], ...]:
    """x, y of each cell; InputError names the file and the line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES} bytes", wanted="lines of x y")
        data = path.read_bytes()
    except OSError as cause:
        raise InputError(f"{path} cannot be read: {cause.strerror}") from cause
    return parse_centres(data, str(path))


def parse_centres(data: bytes, name: str) -> tuple[tuple[int, int], ...]:
    """As `read_centres`, of the file's bytes; empty lines are passed over."""
    try:
        lines = data.decode("ascii").splitlines()
    except UnicodeDecodeError as cause:
        raise InputError(f"{name} is not text: {cause.reason}", wanted="lines of x y") from cause
    centres = []
    for number, line in enumerate(lines, start=1):
        found = LINE.fullmatch(line)
        if found:
            centres.append((int(found[1]), int(found[2])))
        elif line.strip():
            raise InputError(f"{name}, line {number}: {line.strip()[:40]!r}", wanted="x y")
    return tuple(centres)
