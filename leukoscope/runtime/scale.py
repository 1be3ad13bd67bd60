"""The stage that brings a field to each network's input size, by the preprocessing contract."""

from collections.abc import Mapping
from dataclasses import dataclass

from leukoscope.images.contract import Contract, place
from leukoscope.runtime.field import Frame, Scaled, Square


@dataclass(frozen=True)
class Scale:
    """Contracts by network."""

    contracts: Mapping[str, Contract]

    def __call__(self, frame: Frame) -> Scaled:
        """The field as each network takes it."""
        placed = {name: place(frame.pixels, one) for name, one in self.contracts.items()}
        return Scaled(frame, {name: Square(*square) for name, square in placed.items()})
