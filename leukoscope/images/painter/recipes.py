"""What each kind of cell looks like: sizes in micrometres, amounts of dye; our choice.

Ranges are (low, high), drawn evenly. Haematology texts give the forms; the amounts were set by eye.
"""

from dataclasses import dataclass

from leukoscope.images.painter.stain import AZURE, BLUE, CHROMATIN, EOSIN

Range = tuple[float, float]


@dataclass(frozen=True)
class Granules:
    """Granules of one dye: number to the square micrometre, radius, amount, over the nucleus or not."""

    dye: int
    per_um2: Range
    radius_um: float
    amount: Range
    over_nucleus: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """One kind of cell.

    `type` is its CELL_TYPES name; `nucleus_share` the nucleus's part of the cell's area;
    `chromatin` its density, `clumps` the density's variation and `clump_um` the size of a clump;
    `blue`, `eosin`, `azure` dye the cytoplasm, `rim` deepens its blue towards the edge;
    `ragged` is the unevenness of outline (cell, nucleus).
    """

    type: str
    diameter_um: Range
    nucleus: str
    nucleus_share: Range
    chromatin: Range
    clumps: float
    clump_um: float
    blue: Range
    eosin: Range = (0.0, 0.0)
    azure: Range = (0.0, 0.0)
    rim: float = 0.0
    ragged: tuple[float, float] = (0.02, 0.0)
    elongation: Range = (1.0, 1.15)
    off_centre: float = 0.5
    granules: tuple[Granules, ...] = ()
    nucleoli: tuple[int, int] = (0, 0)
    nucleolus_um: Range = (0.6, 0.9)
    vacuoles: tuple[int, int] = (0, 0)


RECIPES: dict[str, Recipe] = {
    "neutrophil": Recipe(
        "neutrophil", (11.5, 14.0), "segmented", (0.22, 0.34), (0.95, 1.2), 0.2, 0.8,
        blue=(0.04, 0.12), eosin=(0.12, 0.24), azure=(0.02, 0.06), ragged=(0.03, 0.0),
        granules=(Granules(AZURE, (1.5, 4.0), 0.18, (0.08, 0.3)),),
    ),
    "eosinophil": Recipe(
        "eosinophil", (12.0, 15.0), "two-lobed", (0.24, 0.34), (0.85, 1.1), 0.22, 0.8,
        blue=(0.0, 0.1), eosin=(0.2, 0.35), ragged=(0.03, 0.0),
        granules=(Granules(EOSIN, (2.4, 3.6), 0.29, (0.65, 1.0), 0.08),),
    ),
    "basophil": Recipe(
        "basophil", (10.5, 13.0), "oval", (0.45, 0.6), (0.45, 0.75), 0.1, 1.2,
        blue=(0.05, 0.15), eosin=(0.02, 0.08), azure=(0.05, 0.15), ragged=(0.035, 0.04),
        granules=(
            Granules(CHROMATIN, (0.8, 1.8), 0.38, (1.0, 1.4), 0.9),
            Granules(BLUE, (0.6, 1.2), 0.38, (0.8, 1.4), 0.8),
        ),
    ),
    "lymphocyte": Recipe(
        "lymphocyte", (8.2, 10.0), "notched", (0.74, 0.88), (1.0, 1.2), 0.22, 1.1,
        blue=(0.3, 0.55), rim=0.3, ragged=(0.025, 0.01),
    ),
    "large lymphocyte": Recipe(
        "lymphocyte", (10.5, 13.5), "notched", (0.5, 0.66), (0.9, 1.1), 0.22, 1.1,
        blue=(0.18, 0.36), rim=0.25, ragged=(0.05, 0.015), off_centre=0.85,
        granules=(Granules(AZURE, (0.0, 0.08), 0.3, (0.5, 0.9)),),
    ),
    "haematogone": Recipe(
        "lymphocyte", (7.6, 9.4), "round", (0.84, 0.93), (1.1, 1.3), 0.09, 1.0,
        blue=(0.3, 0.5), rim=0.2, ragged=(0.035, 0.02),
    ),
    "monocyte": Recipe(
        "monocyte", (14.5, 18.0), "kidney", (0.42, 0.56), (0.7, 0.92), 0.25, 0.9,
        blue=(0.26, 0.42), eosin=(0.06, 0.16), ragged=(0.05, 0.03), off_centre=0.4,
        granules=(Granules(AZURE, (0.8, 2.0), 0.16, (0.12, 0.3)),), vacuoles=(0, 7),
    ),
    "immature granulocyte": Recipe(
        "immature granulocyte", (13.5, 17.0), "oval", (0.48, 0.64), (0.72, 0.95), 0.22, 0.8,
        blue=(0.2, 0.36), eosin=(0.1, 0.22), ragged=(0.03, 0.01), off_centre=0.85,
        granules=(Granules(AZURE, (1.2, 3.6), 0.2, (0.4, 0.9), 0.5),), nucleoli=(0, 2),
    ),
    "blast": Recipe(
        "blast", (11.5, 16.0), "notched", (0.7, 0.86), (0.66, 0.86), 0.11, 0.6,
        blue=(0.5, 0.8), rim=0.2, ragged=(0.03, 0.03), off_centre=0.7,
        nucleoli=(1, 3), nucleolus_um=(0.7, 1.1),
    ),
    "early blast": Recipe(
        "blast", (10.6, 12.0), "round", (0.86, 0.93), (0.8, 1.0), 0.11, 0.7,
        blue=(0.4, 0.65), rim=0.15, ragged=(0.03, 0.0), elongation=(1.0, 1.12),
    ),
    "pre blast": Recipe(
        "blast", (12.8, 15.2), "round", (0.52, 0.66), (0.8, 1.0), 0.05, 0.6,
        blue=(0.5, 0.75), rim=0.25, ragged=(0.025, 0.005), off_centre=0.75,
        nucleoli=(0, 1), nucleolus_um=(0.5, 0.7),
    ),
    "pro blast": Recipe(
        "blast", (13.8, 17.0), "cleft", (0.66, 0.8), (0.76, 0.96), 0.14, 0.7,
        blue=(0.5, 0.75), rim=0.25, ragged=(0.06, 0.02), elongation=(1.0, 1.3),
        nucleoli=(1, 3), nucleolus_um=(0.9, 1.3), vacuoles=(0, 4),
    ),
    "nucleated red cell": Recipe(
        "other", (7.5, 10.0), "round", (0.3, 0.5), (1.15, 1.4), 0.14, 1.2,
        blue=(0.05, 0.4), eosin=(0.1, 0.35), ragged=(0.02, 0.0), off_centre=0.5,
    ),
}  # fmt: skip
"""By the name of the kind; the first of each type carries the type's own name."""
