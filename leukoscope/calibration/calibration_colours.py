"""The colours of the images that a network's ranges were taken from, and their place in the manifest."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.manifest import Manifest
from leukoscope.calibration.chosen import CalibrationSet
from leukoscope.errors import InputError
from leukoscope.images.colour_sources import gather_sources, with_colours
from leukoscope.images.colour_statistics import ColourStatistics
from leukoscope.images.decode import read_image

PART = "calibration"


def calibration_colours(chosen: CalibrationSet) -> dict[str, ColourStatistics]:
    """Of the images of ranges and search, by the data folder's name; a folder of too few images has none."""
    return gather_sources(_fields(chosen))


def _fields(chosen: CalibrationSet) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for one in (*chosen.ranges, *chosen.search):
        folder = chosen.offers[one.offer_index].images.root.resolve().name
        # A file that went away since it was calibrated on shall not cost the hours that this took.
        with suppress(InputError):
            yield folder, read_image(one.item.path)


def with_calibration_colours(
    manifest: Manifest, network: str, colours: Mapping[str, ColourStatistics]
) -> Manifest:
    """The manifest with these as the network's calibration colours, in the place of those it had."""
    entry = manifest.networks[network]
    provenance = with_colours(entry.provenance, PART, colours)
    networks = {**manifest.networks, network: replace(entry, provenance=provenance)}
    return replace(manifest, networks=networks)
