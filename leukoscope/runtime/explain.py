"""The stage that lays the Grad-CAM of the voted class on the field."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import to_field
from leukoscope.runtime.engines import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Evidence, Judged, Reading, Result
from leukoscope.runtime.metrics.maps import energy_share

EVIDENCE_RATIO_MIN = 1.0
"""A map that puts less of its energy on cells than an even map would is flagged `evidence_off_cells` (our choice)."""


@dataclass(frozen=True)
class Explain:
    """XIncept-ALL's map of the voted stage; without XIncept-ALL, SG-CLDFF's map of its most probable class."""

    def __call__(self, judged: Judged) -> Result:
        """The field with its evidence."""
        evidence = _evidence(judged)
        off_cells = evidence is not None and is_off_cells(evidence, judged.mask)
        return Result(
            judged.frame,
            judged.readings,
            judged.mask,
            judged.instances,
            judged.cells,
            judged.vote,
            (*judged.flags, *(("evidence_off_cells",) if off_cells else ())),
            evidence,
        )


def is_off_cells(evidence: Evidence, mask: NDArray[np.uint8] | None) -> bool:
    """Whether the evidence lies rather beside the cells than on them; False where there are none."""
    if mask is None or evidence.on_cells is None:
        return False
    return evidence.on_cells < EVIDENCE_RATIO_MIN * float((mask > 0).mean())


def lay_on_field(
    reading: Reading, network: str, class_name: str, mask: NDArray[np.uint8] | None
) -> Evidence:
    """The map of `class_name` on the field; its heat is the share of its highest value there.

    Zero stays zero, so that an even map looks even (our choice; stretching it from its lowest value would not).
    """
    grid = reading.arrays["cams"][reading.classes.index(class_name)]
    energy = to_field(grid, reading.placement)
    high = float(energy.max())
    heat = energy / high if high > 0 else np.zeros_like(energy)
    on_cells = None if mask is None else energy_share(energy, mask > 0)
    return Evidence(network, class_name, grid, heat, high, on_cells)


def _evidence(judged: Judged) -> Evidence | None:
    if judged.vote is not None:
        reading = judged.readings[FIELD_NETWORK]
        return lay_on_field(reading, FIELD_NETWORK, judged.vote.stage, judged.mask)
    whole = judged.readings.get(CELL_NETWORK)
    if whole is None:
        return None
    likeliest = whole.classes[int(whole.arrays["probabilities"].argmax())]
    return lay_on_field(whole, CELL_NETWORK, likeliest, judged.mask)
