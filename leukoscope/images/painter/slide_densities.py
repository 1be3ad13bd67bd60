"""How densely things lie on a painted slide, and what of it came out."""

from dataclasses import dataclass

from leukoscope.errors import InputError

REFERENCE_FIELD_UM2 = 640 * 480 / (82.0 / 13.0) ** 2
"""The painter's reference field, 640 x 480 px at 82 px to a cell of 13 micrometres: 7721 square micrometres."""

UM2_PER_MM2 = 1e6


@dataclass(frozen=True)
class Densities:
    """What is asked for. Reference fields are of 0.0077 mm2."""

    cells: float | None = None
    """White cells on a reference field, on average; None: as many as the stage has."""
    touching: float = 0.2
    """Share of the white cells that touch or overlap a neighbour, 0 to 1."""
    overlapping: float = 0.5
    """Of those, the share that overlap it, 0 to 1."""
    clumps: float = 0.3
    """Clumps of platelets on a reference field, on average."""

    def __post_init__(self) -> None:
        for name, value, high in (
            ("cells", self.cells, MOST_CELLS),
            ("touching", self.touching, 1.0),
            ("overlapping", self.overlapping, 1.0),
            ("clumps", self.clumps, MOST_CLUMPS),
        ):
            if value is not None and not 0 <= value <= high:
                raise InputError(f"a slide with {name}={value}", wanted=f"0 to {high:g}")


MOST_CELLS = 14.0
"""White cells on a reference field: more leave no room for those that should lie apart."""
MOST_CLUMPS = 20.0


@dataclass(frozen=True)
class Found:
    """What was painted, measured on the truth."""

    area_mm2: float
    white_cells: int
    touching_share: float
    """Of the white cells: those with another white cell within 2 px."""
    overlapped_share: float
    """Of the white cells: those of which another hides more than 5 %."""
    hidden: int
    """White cells of which less than 30 % shows: in no count."""
    clumps: int

    @property
    def clumps_per_mm2(self) -> float:
        return self.clumps / self.area_mm2

    @property
    def white_cells_per_mm2(self) -> float:
        return self.white_cells / self.area_mm2

    def in_words(self) -> str:
        """One line for people."""
        return (
            f"{self.area_mm2:.3f} mm2, {self.white_cells} white cells ({self.white_cells_per_mm2:.0f} per mm2), "
            f"{self.touching_share:.0%} touching, {self.overlapped_share:.0%} overlapped, "
            f"{self.clumps} platelet clumps ({self.clumps_per_mm2:.0f} per mm2)"
        )
