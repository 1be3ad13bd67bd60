"""Opening a bundle: everything is checked before anything is used, and nothing is repaired.

bundle = open_bundle(Path("leukoscope-demo/bundle"))     # InputError in one line, or all is well
entry = bundle.network("xincept_all")                    # NetworkEntry of the manifest
graph = bundle.graph("xincept_all", "fp32")              # verified bytes of the ONNX file
trees = bundle.trees()                                   # TreeBlob, or None
golden = bundle.golden()                                 # {"xincept_all/frames": array, ...}, or None
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.fields import JSON_LIMIT_BYTES, parse_json
from leukoscope.bundle.golden import read_golden
from leukoscope.bundle.manifest import (
    MANIFEST,
    SIGNATURE,
    FileEntry,
    Manifest,
    NetworkEntry,
    Variant,
)
from leukoscope.bundle.onnx_wire import check_graph
from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_bytes, sha256_of_file


@dataclass(frozen=True)
class Bundle:
    """A verified bundle: its folder, its manifest, and the SHA-256 of the manifest (the bundle's identity)."""

    root: Path
    manifest: Manifest
    manifest_sha256: str

    @property
    def signed(self) -> bool:
        """True if there is a signature; whether it is good is another question."""
        return (self.root / SIGNATURE).exists()

    def network(self, name: str) -> NetworkEntry:
        """The network's entry; InputError names the networks there are."""
        entry = self.manifest.networks.get(name)
        if entry is None:
            there_are = ", ".join(self.manifest.networks)
            raise InputError(f"{self.root} has no network {name}", wanted=there_are)
        return entry

    def variant(self, network: str, variant: str) -> Variant:
        """The variant's entry; InputError names the variants there are."""
        variants = self.network(network).variants
        if variant not in variants:
            found = f"{self.root} has no {variant} of {network}"
            raise InputError(found, wanted=", ".join(variants))
        return variants[variant]

    def path(self, name: str) -> Path:
        """The path of a file that the manifest lists."""
        if name not in self.manifest.files:
            raise InputError(f"{self.root} has no file {name}")
        return self.root / name

    def read_bytes(self, name: str) -> bytes:
        """The file's bytes, whose own size and hash have just been checked."""
        path = self.path(name)
        entry = self.manifest.files[name]
        with open_regular(path) as file:
            data = file.read(entry.size_bytes + 1)
        _compare(path, entry, len(data), sha256_of_bytes(data))
        return data

    def graph(self, network: str, variant: str) -> bytes:
        """The ONNX model's bytes, checked by hash and by the rules for graphs (onnx_wire.check_graph)."""
        name = self.variant(network, variant).file
        data = self.read_bytes(name)
        check_graph(data, str(self.root / name))
        return data

    def trees(self) -> TreeBlob | None:
        """The trees, checked against the manifest's entry; None if the bundle has none."""
        entry = self.manifest.trees
        if entry is None:
            return None
        blob = TreeBlob.read(self.read_bytes(entry.file), str(self.root / entry.file))
        found = (blob.features, blob.classes, blob.trees, blob.layout, blob.temperature)
        stated = np.float32(entry.temperature)
        if found != (entry.features, len(entry.classes), entry.trees, entry.layout, stated):
            raise InputError(f"{self.root}: {entry.file} is not what the manifest says of it")
        return blob

    def golden(self) -> dict[str, NDArray[Any]] | None:
        """The golden frames and outputs by key; None if the bundle has none."""
        entry = self.manifest.golden
        if entry is None:
            return None
        return read_golden(self.read_bytes(entry.file), str(self.root / entry.file))


def open_bundle(root: Path) -> Bundle:
    """Reads and verifies a bundle: folder, manifest, references, and the size and hash of every file.

    Raises InputError in one line on the first thing that is not as docs/bundle-format.md says.
    """
    if not root.is_dir():
        raise InputError(
            f"{root} is not a folder",
            wanted="a bundle",
            next_step="leukoscope export CHECKPOINT... -o BUNDLE makes one",
        )
    bundle = _read_manifest(root)
    _check_folder(root, set(bundle.manifest.files))
    for name, entry in bundle.manifest.files.items():
        _verify(root / name, entry)
    return bundle


def _read_manifest(root: Path) -> Bundle:
    path = root / MANIFEST
    with open_regular(path) as file:
        data = file.read(JSON_LIMIT_BYTES + 1)
    manifest = Manifest.from_json(parse_json(data, str(path)))
    return Bundle(root, manifest, sha256_of_bytes(data))


def _check_folder(root: Path, listed: set[str]) -> None:
    """InputError unless the folder holds exactly the listed files, all of them regular."""
    with os.scandir(root) as entries:
        found = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    odd = sorted(name for name, regular in found.items() if not regular)
    unknown = sorted(found.keys() - listed - {MANIFEST, SIGNATURE})
    missing = sorted(listed - found.keys())
    if odd:
        raise InputError(
            f"{root}: {odd[0]!r} is no regular file", wanted="neither links nor folders"
        )
    if unknown:
        found_text = f"{root}: the manifest does not list {unknown[0]!r}"
        raise InputError(found_text, next_step="take it out of the bundle")
    if missing:
        raise InputError(f"{root}: {missing[0]} is missing")


def _verify(path: Path, entry: FileEntry) -> None:
    """InputError unless the file has the size and the hash of its entry, the size looked at first."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
    if size != entry.size_bytes:
        _compare(path, entry, size, entry.sha256)
    _compare(path, entry, size, sha256_of_file(path))


def _compare(path: Path, entry: FileEntry, size_bytes: int, sha256: str) -> None:
    if size_bytes != entry.size_bytes:
        found = f"{path} has {size_bytes} bytes"
        raise InputError(found, wanted=f"{entry.size_bytes}", next_step="copy the bundle again")
    if sha256 != entry.sha256:
        found = f"{path} has the SHA-256 {sha256[:16]}..."
        wanted = f"{entry.sha256[:16]}..."
        raise InputError(found, wanted=wanted, next_step="copy the bundle again")


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    """The file for reading, if it is a regular file and no link; else InputError. Never blocks on a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError(f"{path} is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        yield file
