"""The stage that brings a field to each network's input, at a scale that the network was trained for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from leukoscope.images.contract import Contract
from leukoscope.images.tiles import TilePlan, cut_tiles, plan_tiles, whole_field
from leukoscope.runtime.field import Frame, Scaled, Squares
from leukoscope.runtime.lazily import Lazily

WHITE_CELL_UM = 13.0
"""Of the white cell that the contract's diameters stand for, 1.7 red cells wide (our choice)."""
SCALE_TOLERANCE = 1.25
"""A scale off by more than this factor is brought back, and flagged where it cannot be."""


@dataclass(frozen=True)
class Scale:
    """Contracts by network."""

    contracts: Mapping[str, Contract]

    def __call__(self, frame: Frame) -> Scaled:
        """The field as each network takes it, cut by the thread that runs the network."""
        makers = {name: partial(_squares, frame, one) for name, one in self.contracts.items()}
        return Scaled(frame, Lazily(makers))


def _squares(frame: Frame, contract: Contract) -> Squares:
    plan = plan_of(frame.size_px, contract, frame.scale.um_per_px)
    return Squares(cut_tiles(frame.pixels, plan, contract), plan)


def plan_of(size_px: tuple[int, int], contract: Contract, um_per_px: float | None) -> TilePlan:
    """The whole field in one square where white cells are then as large as in training, else tiles at that scale.

    Without a known scale, or a contract that names none, it is the whole field.
    """
    step = wanted_step(size_px, contract, um_per_px)
    if step is None or um_per_px is None:
        return whole_field(size_px, contract)
    return plan_tiles(size_px, contract, step, math.ceil(step * WHITE_CELL_UM / um_per_px))


def is_out_of_reach(frame: Frame, contract: Contract) -> bool:
    """Whether the field is so large that even MAX_TILES leave its cells off the wanted diameter by SCALE_TOLERANCE."""
    um_per_px = frame.scale.um_per_px
    step = wanted_step(frame.size_px, contract, um_per_px)
    if step is None:
        return False
    place = plan_of(frame.size_px, contract, um_per_px).placement
    return place.inner_px[0] / place.field_px[0] * SCALE_TOLERANCE < step


def wanted_step(
    size_px: tuple[int, int], contract: Contract, um_per_px: float | None
) -> float | None:
    """Pixels of the network's plane for one of the field; None where the whole field in one square will do."""
    if um_per_px is None or contract.white_cell_px is None:
        return None
    cell_px = WHITE_CELL_UM / um_per_px
    whole_px = cell_px * contract.input_px / max(size_px)
    wanted = wanted_diameter(whole_px, contract.white_cell_px)
    return None if wanted is None else wanted / cell_px


def wanted_diameter(whole_px: float, trained_px: tuple[int, int, int]) -> float | None:
    """Which diameter a white cell should have; None where `whole_px`, that in one square, will do.

    `trained_px` are least, usual and greatest diameter in training.
    """
    least, greatest = comfortable_least(trained_px), float(trained_px[2])
    if whole_px < least / SCALE_TOLERANCE:
        return least
    return greatest if whole_px > greatest * SCALE_TOLERANCE else None


def comfortable_least(trained_px: tuple[int, int, int]) -> float:
    """Half way, by factors, from the least diameter of training to the usual one."""
    return math.sqrt(trained_px[0] * trained_px[1])
