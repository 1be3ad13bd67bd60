"""The differential count: which white cells were seen, and whether they are enough to say so."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from leukoscope.runtime.field import UNCLASSIFIED, Cell

ENOUGH_CELLS = 100
"""White cells that a differential needs at least (the usual count of a laboratory; CLSI H20 asks for more)."""
NOT_WHITE = "other"


@dataclass
class Differential:
    """Different cells of a slide, counted once each."""

    white: dict[str, int] = field(default_factory=dict)
    """White cells by type; `unclassified` are white cells of no type that is sure enough."""
    nucleated_others: int = 0
    """Cells with a nucleus that are not white, such as nucleated red cells."""

    def add(self, cells: Iterable[Cell]) -> None:
        """Counts cells that were not counted before."""
        for cell in cells:
            self._change(cell, 1)

    def take_back(self, cell: Cell) -> None:
        """A cell that was counted turns out to be another one's."""
        self._change(cell, -1)

    def _change(self, cell: Cell, by: int) -> None:
        if cell.type == NOT_WHITE:
            nucleated = cell.nc_ratio is None or cell.nc_ratio > 0
            self.nucleated_others += by if nucleated else 0
            return
        count = self.white.pop(cell.type, 0) + by
        if count:
            self.white[cell.type] = count

    @property
    def total(self) -> int:
        """White cells."""
        return sum(self.white.values())

    @property
    def enough(self) -> bool:
        """Whether it may be called a differential."""
        return self.total >= ENOUGH_CELLS

    @property
    def nucleated_others_per_100(self) -> float | None:
        """Per 100 white cells; None without white cells."""
        return 100 * self.nucleated_others / self.total if self.total else None

    def to_json(self) -> dict[str, object]:
        """Counts and shares; `heading` says where they are not enough."""
        per_100 = self.nucleated_others_per_100
        ranked = sorted(self.white.items(), key=lambda one: (one[0] == UNCLASSIFIED, -one[1]))
        return {
            "heading": self.heading,
            "white_cells": self.total,
            "counts": dict(ranked),
            "shares": {name: round(count / self.total, 4) for name, count in ranked},
            "nucleated_others": self.nucleated_others,
            "nucleated_others_per_100": None if per_100 is None else round(per_100, 1),
        }

    @property
    def heading(self) -> str:
        """For people: how far the counts can be trusted."""
        if self.enough:
            return f"differential of {self.total} white cells"
        return f"not enough cells: {self.total} of {ENOUGH_CELLS} white cells"
