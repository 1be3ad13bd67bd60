"""Painted fields and cells as pictures, rendered once into memory. Never counted with real figures."""

from collections.abc import Sequence

import numpy as np

from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.progress import Progress
from leukoscope.training.pictures import Cell, Picture, picture_of

ORIGIN = "painted"
TREES_SEED = 500_000
"""Seeds from here on are for the trees: no network is fitted on them."""
HELD_SEED = 1_000_000
"""Seeds from here on are never trained on."""


def painted_stages(count: int, first_seed: int, progress: Progress) -> list[Picture]:
    """`count` fields, the stages in turn; the label is the stage."""
    from leukoscope.images.painter.field import paint_field

    found = []
    for index in progress.track(range(count), "painting fields"):
        stage = index % len(STAGES)
        field = paint_field(STAGES[stage], first_seed + index)
        found.append(
            picture_of(field.image, None, (stage,), name=f"{STAGES[stage]}/{index}", origin=ORIGIN)
        )
    return found


def painted_cells(count: int, first_seed: int, progress: Progress) -> list[Picture]:
    """`count` pictures with masks: three fifths fields with many cells, the rest single cells of each type in turn."""
    from leukoscope.images.painter.field import paint_cell, paint_field

    found = []
    for index in progress.track(range(count), "painting cells"):
        seed = first_seed + index
        if index % 5 < 3:
            stage = STAGES[index % len(STAGES)]
            painted = paint_field(stage, seed, white_cell_px=_diameter_px(seed))
            target: tuple[int, ...] = ()
        else:
            kind = CELL_TYPES[index % len(CELL_TYPES)]
            painted = paint_cell(kind, seed, size_px=256)
            target = (CELL_TYPES.index(kind),)
        cells = [
            _cell(one.type, one.box_px, one.area_px) for one in (*painted.cells, *painted.others)
        ]
        found.append(
            picture_of(
                painted.image,
                painted.mask,
                target,
                cells=tuple(cells),
                name=str(seed),
                origin=ORIGIN,
            )
        )
    return found


def _cell(kind: str, box_px: Sequence[int], area_px: int) -> Cell:
    x, y, width, height = box_px
    centre = (x + (width - 1) / 2, y + (height - 1) / 2)
    return Cell(centre, float(np.sqrt(max(area_px, 1) * 4 / np.pi)), (CELL_TYPES.index(kind),))


def _diameter_px(seed: int) -> float:
    """White-cell diameters over the range that fields come with, in pixels of a 640 x 480 field."""
    return float(np.exp(np.random.default_rng(seed).uniform(np.log(45), np.log(150))))
