"""The four stages as this painter tells them apart: by the cells' morphology; our choice.

The papers' abstracts name the stages but do not draw them. Here, loosely after the haematology:

- Benign: small dark lymphocytes and haematogones, mixed with granulocytes and monocytes.
- Early: small to medium blasts, round regular nuclei that nearly fill the cell.
- Pre: larger blasts, even chromatin, a broad blue cytoplasm about an off-centre nucleus; crowded.
- Pro: large irregular blasts, clefted nuclei, plain nucleoli, vacuoles.

Stain, light and red cells are drawn without looking at the stage, and the numbers of cells
overlap: only the form of the cells tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES
from leukoscope.images.painter.recipes import RECIPES, Recipe


@dataclass(frozen=True)
class Stage:
    """The cells of one stage: their number on 640 x 480, their kinds by weight, their crowding."""

    cells: tuple[int, int]
    kinds: Mapping[str, float]
    crowding: tuple[float, float]


COMPOSITIONS: dict[str, Stage] = {
    "Benign": Stage(
        (4, 10),
        {
            "lymphocyte": 0.34, "haematogone": 0.24, "large lymphocyte": 0.08, "neutrophil": 0.16,
            "monocyte": 0.05, "eosinophil": 0.04, "immature granulocyte": 0.06, "basophil": 0.03,
        },
        (0.0, 0.4),
    ),
    "Early": Stage(
        (4, 9),
        {"early blast": 0.92, "lymphocyte": 0.04, "neutrophil": 0.04},
        (0.0, 0.4),
    ),
    "Pre": Stage(
        (4, 9),
        {"pre blast": 0.92, "lymphocyte": 0.04, "neutrophil": 0.04},
        (0.2, 0.7),
    ),
    "Pro": Stage(
        (3, 8),
        {"pro blast": 0.92, "lymphocyte": 0.04, "neutrophil": 0.04},
        (0.0, 0.4),
    ),
}  # fmt: skip


def stage_of(name: str) -> Stage:
    """The composition of a stage; InputError where there is no such stage."""
    if name not in COMPOSITIONS:
        raise InputError(
            f"no stage is called {name!r}",
            wanted=" or ".join(STAGES),
            next_step="mind the capital letter",
        )
    return COMPOSITIONS[name]


def draw_kinds(rng: np.random.Generator, stage: Stage, area_share: float) -> list[Recipe]:
    """The white cells of one field that is `area_share` of the reference field; at least one.

    The first cell is of the stage's commonest kind, so that a small field shows its stage.
    """
    low, high = stage.cells
    count = max(1, round(int(rng.integers(low, high + 1)) * area_share))
    names, weights = list(stage.kinds), np.array(list(stage.kinds.values()))
    drawn = rng.choice(len(names), size=count, p=weights / weights.sum())
    drawn[0] = int(np.argmax(weights))
    return [RECIPES[names[int(i)]] for i in drawn]
