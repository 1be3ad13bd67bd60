"""What validation keeps of one image: how it was judged, and how that compares with the float model and the truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import to_field
from leukoscope.images.opencv import cv2
from leukoscope.runtime.engine import FIELD_NETWORK
from leukoscope.runtime.field import Result
from leukoscope.runtime.metrics.maps import energy_share, rank_agreement, top_overlap
from leukoscope.runtime.metrics.masks import Overlap, overlap
from leukoscope.runtime.sample import Sample


@dataclass(frozen=True, eq=False)
class Observation:
    """One image under one variant of one network."""

    sample: Sample
    probabilities: NDArray[np.float64]
    """[K], by the network's classes."""
    voted: int
    rank_agreement: float
    """Of the variant's map with the float model's, for the class that the float model voted."""
    top_overlap: float
    flipped: bool
    overlap: Overlap | None
    energy_on_cell: float | None
    """None where no cell is known or the map is zero."""
    cell_share: float | None
    """Of the field's area; None exactly where `energy_on_cell` is."""


def observe(
    network: str,
    sample: Sample,
    reference: Result,
    result: Result,
    found_cells: NDArray[np.uint8] | None,
) -> Observation:
    """Compares the variant's `result` with the float model's `reference` and with the sample's truth.

    `found_cells` [H, W] stands in for the cells' mask where the sample has none.
    """
    probabilities = _probabilities(network, result)
    voted = int(probabilities.argmax())
    float_vote = int(_probabilities(network, reference).argmax())
    reading = result.readings[network]
    mine = reading.arrays["cams"][float_vote]
    float_map = reference.readings[network].arrays["cams"][float_vote]
    cells = _cells_at(sample, found_cells)
    on_cell, share = _on_cell(to_field(reading.arrays["cams"][voted], reading.placement), cells)
    return Observation(
        sample=sample,
        probabilities=probabilities,
        voted=voted,
        rank_agreement=rank_agreement(float_map, mine),
        top_overlap=top_overlap(float_map, mine),
        flipped=voted != float_vote,
        overlap=_overlap(sample, result),
        energy_on_cell=on_cell,
        cell_share=share,
    )


def _probabilities(network: str, result: Result) -> NDArray[np.float64]:
    """XIncept-ALL: the voter's. SG-CLDFF: of the largest cell that was found, else of the whole frame."""
    reading = result.readings[network]
    if network == FIELD_NETWORK and result.vote is not None:
        named = result.vote.probabilities
    elif result.cells:
        named = result.cells[0].probabilities
    else:
        return reading.arrays["probabilities"].astype(np.float64)
    return np.array([named[name] for name in reading.classes])


def _overlap(sample: Sample, result: Result) -> Overlap | None:
    if sample.mask is None or result.mask is None:
        return None
    return overlap(sample.mask, _at_size(result.mask, sample.mask.shape))


def _cells_at(sample: Sample, found: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    """The true cells, else the found ones, at the field's size."""
    known = sample.mask if sample.mask is not None else found
    return None if known is None else _at_size(known, sample.pixels.shape[:2])


def _at_size(mask: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if mask.shape == shape:
        return mask
    size_px = (shape[1], shape[0])
    return cv2.resize(mask, size_px, interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def _on_cell(
    energy: NDArray[np.float32], cells: NDArray[np.uint8] | None
) -> tuple[float | None, float | None]:
    if cells is None or not cells.any():
        return None, None
    on_cell = energy_share(energy, cells > 0)
    return (None, None) if on_cell is None else (on_cell, float((cells > 0).mean()))
