"""`train segmentation`: SG-CLDFF on mask sets and class sets together; each image trains the heads it can."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES
from leukoscope.images.contract import Contract
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint, load_strictly
from leukoscope.models.lite_weights import load_lite_weights
from leukoscope.models.sg_cldff import SgCldff
from leukoscope.models.sizes import build_network
from leukoscope.progress import Progress
from leukoscope.training.cell_scores import fit_type_temperature, segmentation_scores
from leukoscope.training.cell_task import CellTask, LossWeights
from leukoscope.training.cell_views import DIAMETER_SQUARE_PX, DIAMETERS_PX
from leukoscope.training.loop import fit
from leukoscope.training.losses import (
    effective_number_weights,
)
from leukoscope.training.painted import HELD_SEED, painted_cells
from leukoscope.training.parts import SEGMENTATION_SHARES, Division, load_parts
from leukoscope.training.pictures import Picture
from leukoscope.training.run import Order, header_of, saved_run, write_result

NAME = "sg_cldff"
PAINTED_HELD = 60


@dataclass(frozen=True)
class SegmentationOrder(Order):
    """What `train segmentation` was asked for."""

    losses: LossWeights = field(default_factory=LossWeights)
    weights: Path | None = None
    """A checkpoint of ours, of the same settings, to begin from."""
    lite_weights: Path | None = None
    """ImageNet weights of EfficientNet-Lite for the convolution stages."""
    outlines: bool = True
    """Whether the network outlines single-cell images that have no mask."""


def train_segmentation(order: SegmentationOrder, progress: Progress) -> CheckpointHeader:
    """Trains SG-CLDFF as ordered, measures it on the held part and writes the checkpoint.

    Raises InputError for data, weights or settings that cannot be used.
    """
    division = Division(SEGMENTATION_SHARES, order.recipe.seed)
    parts = load_parts(order.folders(NAME), NAME, CELL_TYPES, division, progress)
    fitted, held = parts.pictures["fit"], parts.pictures["held"]
    network, pretrained = _network(order, held)
    contract = Contract(network.input_px, white_cell_px=usual_diameters(fitted, network.input_px))
    painted = painted_cells(order.painted, 0, progress)
    painted_held = painted_cells(PAINTED_HELD if painted else 0, HELD_SEED, progress)
    targets = [picture.target for picture in fitted]
    weights = effective_number_weights(targets) if order.balanced else {}
    header = header_of(
        order,
        network,
        parts.account,
        weights,
        losses=vars(order.losses),
        weights=order.weights.name if order.weights else None,
        lite_weights=order.lite_weights.name if order.lite_weights else None,
        outlines=order.outlines,
    )
    header = replace(header, contract=contract.to_json())
    task = CellTask(
        [*fitted, *painted],
        held,
        painted_held,
        contract,
        order.jitter,
        order.losses,
        weights,
        order.balanced,
        order.auto_augment,
        order.outlines,
    )
    saved = saved_run(order, header)
    trained, history = fit(network, task, order.recipe, saved, progress, pretrained)
    temperature = fit_type_temperature(trained, held, contract)
    metrics: dict[str, Any] = {"held": segmentation_scores(trained, held, contract)}
    if painted_held:
        metrics["painted"] = segmentation_scores(trained, painted_held, contract)
    metrics |= {"temperature": temperature, "epochs": history}
    return write_result(order, trained, header, metrics)


def usual_diameters(pictures: Sequence[Picture], input_px: int) -> tuple[int, int, int] | None:
    """Least, usual and greatest diameter of white cells in the network's square: the range that training covers, and
    the median of the drawn masks as the contract places them. None where there are no masks.
    """
    shown = [
        cell.diameter_px * input_px / max(picture.size_px)
        for picture in pictures
        if picture.mask is not None
        for cell in picture.cells
    ]
    if not shown:
        return None
    least, greatest = (round(px * input_px / DIAMETER_SQUARE_PX) for px in DIAMETERS_PX)
    return least, min(max(round(float(np.median(shown))), least), greatest), greatest


def _network(order: SegmentationOrder, held: Sequence[Picture]) -> tuple[SgCldff, frozenset[str]]:
    """The network before training, and the names of what it was given from ImageNet."""
    torch.manual_seed(order.recipe.seed)
    network = build_network(NAME, order.size, **{"input_px": order.input_px, **order.changes})
    assert isinstance(network, SgCldff)
    if order.lite_weights is not None:
        return network, load_lite_weights(network, order.lite_weights)
    if order.weights is not None:
        other, header = load_checkpoint(order.weights)
        load_strictly(network, other.state_dict(), str(order.weights))
        _check_unseen(header, held, order.weights)
    return network, frozenset()


def _check_unseen(header: CheckpointHeader, held: Sequence[Picture], weights: Path) -> None:
    """Raises InputError where an image that is held out now was fitted on then."""
    fitted = {
        digest for group in header.data.get("parts", {}).get("fit", {}).values() for digest in group
    }
    if seen := sum(picture.sha256 in fitted for picture in held):
        raise InputError(
            f"{weights} was fitted on {seen} of the {len(held)} images that this run holds out",
            wanted="the same --data and --seed as those weights had",
        )
