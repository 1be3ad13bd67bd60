"""The one hash of the project: SHA-256, written as 64 lower-case hexadecimal digits."""

import hashlib
from pathlib import Path

CHUNK_BYTES = 1 << 20


def sha256_of_bytes(data: bytes) -> str:
    """Hex digest of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces; OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()
