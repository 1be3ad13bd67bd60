# ruff: noqa: T201
"""What the colour drift sees and what it does not: false alarms on held-out fields, other sources, other light and stain.

    python benchmarks/colours.py BUNDLE --data DIR [--fields 80]

DIR has the sets of docs/datasets.md. Held out is what no network of the bundle was fitted on (its manifest says). Each line:
the share of fields flagged one by one, and the session's distance: median, in units of the usual; above 1 it has drifted.
"""

import argparse
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from measure.shifts import SHIFTS
from numpy.typing import NDArray

from leukoscope.bundle.read import open_bundle
from leukoscope.images.colour_sources import known_colours
from leukoscope.images.colour_statistics import ColourStatistics
from leukoscope.images.colours import measure_colours
from leukoscope.images.decode import decode_image, read_bytes
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.images.layouts import read_image_set
from leukoscope.runtime.provenance import training_images

Image = NDArray[np.uint8]
Sources = Mapping[str, ColourStatistics]
SETS = ("bccd", "iranian_all", "wbc_tecom", "all_idb2", "pbc")
NO_COLOUR = ("blur", "JPEG", "corner", "none")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fields", type=int, default=80)
    wanted = parser.parse_args()
    bundle = open_bundle(wanted.bundle)
    fitted = frozenset().union(
        *(training_images(bundle, name) for name in bundle.manifest.networks)
    )
    known = {
        name: known_colours(entry.provenance, name).get("training", {})
        for name, entry in bundle.manifest.networks.items()
    }
    everything = {source: one for sources in known.values() for source, one in sources.items()}
    held = {name: _held_out(wanted.data / name, fitted) for name in SETS}
    for name, images in held.items():
        _line(f"held out of {name}, {len(images)}", images, everything)
    for network, sources in known.items():
        for name in SETS:
            if name not in sources:
                _line(f"{name} to {network}, which does not know it", held[name], sources)
    for name in everything:
        others = {source: one for source, one in everything.items() if source != name}
        _line(f"{name} if it were unknown", held[name], others)
    for name in SETS:
        images = held[name][:: -(-len(held[name]) // wanted.fields)]
        for shift, change in SHIFTS.items():
            if not shift.startswith(NO_COLOUR):
                _line(f"{name}, {shift}", [change(image) for image in images], everything)


def _held_out(folder: Path, fitted: frozenset[str]) -> list[Image]:
    found = []
    for item in read_image_set(folder).items:
        data = read_bytes(item.path)
        if sha256_of_bytes(data) not in fitted:
            found.append(decode_image(data, item.name))
    return found


def _line(name: str, images: Sequence[Image], sources: Sources) -> None:
    vectors = [vector for image in images if (vector := measure_colours(image)) is not None]
    gaps = np.array([[one.distance(vector) for one in sources.values()] for vector in vectors])
    in_units = partial(np.divide, gaps)
    flagged = (in_units([one.limit for one in sources.values()]).min(axis=1) > 1).mean()
    session = np.median(in_units([one.usual for one in sources.values()]).min(axis=1))
    print(f"{name}: flagged {flagged:.3f}, session {session:.2f}")


if __name__ == "__main__":
    main()
