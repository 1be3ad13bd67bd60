"""Adds the colours of their training images to the networks that the package ships. Weights, graphs and trees stay as they are.

    python tools/add_colours.py DATA/iranian_all DATA/bccd DATA/wbc_tecom DATA/all_idb2 DATA/pbc

Reads exactly the images that the checkpoints' headers name as fitted on, by SHA-256, and says so if one is missing. What
refers to the checkpoints by their hash is given the new one: trees, bundle, and the figures and cards of docs/models.
A training by the present code records its colours itself; this is for networks from before.
"""

import json
import struct
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from make_ready import READY, zipped
from numpy.typing import NDArray

from leukoscope.bundle.manifest import Manifest
from leukoscope.bundle.write import extend_bundle
from leukoscope.errors import InputError
from leukoscope.images.colour_sources import KEY, gather_sources, sources_to_json, with_colours
from leukoscope.images.colour_statistics import ColourStatistics
from leukoscope.images.decode import decode_image, read_bytes
from leukoscope.images.hashes import sha256_of_bytes, sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.models.checkpoint import METADATA_KEY, CheckpointHeader, load_header

MODELS = Path(__file__).resolve().parent.parent / "docs" / "models"
FITTED = "fit"
LENGTH = struct.Struct("<Q")

Colours = dict[str, ColourStatistics]


def colours_of(header: CheckpointHeader, folders: Sequence[Path]) -> Colours:
    """Of the images that were fitted on, by data folder. InputError where some are in none of the folders."""
    wanted = {digest for group in header.data["parts"][FITTED].values() for digest in group}
    found: set[str] = set()
    sets = set(header.data["sets"])
    chosen = [folder for folder in folders if folder.resolve().name in sets]
    colours = gather_sources(_fitted(chosen, wanted, found))
    if missing := wanted - found:
        raise InputError(
            f"{len(missing)} of {len(wanted)} images of {header.network} are in none of the folders",
            wanted=f"the folders {', '.join(sorted(sets))}",
        )
    return colours


def _fitted(
    folders: Sequence[Path], wanted: set[str], found: set[str]
) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Each wanted image once, with its folder's name; its hash goes to `found`."""
    for folder in folders:
        for item in read_image_set(folder).items:
            data = read_bytes(item.path)
            digest = sha256_of_bytes(data)
            if digest in wanted and digest not in found:
                found.add(digest)
                yield folder.resolve().name, decode_image(data, str(item.path))


def with_header(checkpoint: bytes, header: CheckpointHeader) -> bytes:
    """The same safetensors file, its tensors byte for byte, with another header of ours."""
    (length,) = LENGTH.unpack(checkpoint[: LENGTH.size])
    start = LENGTH.size + length
    table = json.loads(checkpoint[LENGTH.size : start])
    table["__metadata__"][METADATA_KEY] = json.dumps(header.to_json(), allow_nan=False)
    text = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % LENGTH.size)
    return LENGTH.pack(len(text)) + text + checkpoint[start:]


def recolour(
    checkpoints: Path, folders: Sequence[Path]
) -> tuple[dict[str, Colours], dict[str, str]]:
    """Writes the colours into the headers; returns them by network, and the old hash of each changed file -> the new one."""
    colours, hashes = {}, {}
    for path in sorted(checkpoints.glob("*.safetensors")):
        header = load_header(path)
        colours[header.network] = colours_of(header, folders)
        data = {**header.data, KEY: sources_to_json(colours[header.network])}
        old = sha256_of_file(path)
        path.write_bytes(with_header(path.read_bytes(), replace(header, data=data)))
        hashes[old] = sha256_of_file(path)
    trees = checkpoints / "trees.json"
    old = sha256_of_file(trees)
    trees.write_bytes(renamed(trees.read_bytes(), hashes))
    hashes[old] = sha256_of_file(trees)
    return colours, hashes


def renamed(data: bytes, hashes: Mapping[str, str]) -> bytes:
    """The bytes with each old hash replaced by its new one."""
    for old, new in hashes.items():
        data = data.replace(old.encode(), new.encode())
    return data


def coloured(
    manifest: Manifest, colours: Mapping[str, Colours], hashes: Mapping[str, str]
) -> Manifest:
    """The manifest with the networks' colours and the new hashes."""
    value: Any = json.loads(renamed(manifest.to_bytes(), hashes))
    for network, known in colours.items():
        entry = value["networks"][network]
        entry["provenance"] = with_colours(entry["provenance"], "training", known)
    return Manifest.from_json(value)


def main() -> None:
    folders = [Path(one) for one in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as place:
        checkpoints, bundle = Path(place) / "checkpoints", Path(place) / "bundle"
        for folder in (checkpoints, bundle):
            with zipfile.ZipFile(READY / f"{folder.name}.zip") as archive:
                archive.extractall(folder)
        colours, hashes = recolour(checkpoints, folders)
        extend_bundle(bundle, lambda manifest: coloured(manifest, colours, hashes), {})
        for folder in (checkpoints, bundle):
            zipped(folder, READY / f"{folder.name}.zip")
    for page in sorted((*MODELS.glob("*.md"), *MODELS.glob("measured/*.json"))):
        page.write_bytes(renamed(page.read_bytes(), hashes))
    for network, known in colours.items():
        print(network, {name: one.fields for name, one in known.items()})
    for old, new in hashes.items():
        print(f"{old} -> {new}")


if __name__ == "__main__":
    main()
