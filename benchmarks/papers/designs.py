"""The designs that the papers' networks are compared with, as networks of ours, so that one training serves all."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.papers.budget import Budget
from benchmarks.papers.cells import Cell
from benchmarks.papers.encoders import Encoder, ResNetEncoder, SwinEncoder, UNetEncoder
from benchmarks.papers.variants import variant
from leukoscope.images.classes import CELL_TYPES, MASK_CLASSES, STAGES
from leukoscope.models.conv_unit import ConvUnit, initialise
from leukoscope.models.cross_layer import resize
from leukoscope.models.network import Network, Side
from leukoscope.models.sizes import NETWORK_NAMES, build_network

WIDTHS: dict[tuple[str, str], tuple[int, ...]] = {
    ("masks", "unet"): (12, 24, 48, 80, 96),
    ("masks", "resnet"): (16, 24, 40, 72, 112),
    ("masks", "swin"): (32, 48, 64, 80),
    ("stages", "resnet"): (24, 48, 64, 96, 224),
    ("stages", "swin"): (32, 64, 112, 128),
}
"""Channels a level, chosen so that parameters come near those of SG-CLDFF and XIncept-ALL at size nano."""


def build(cell: Cell, budget: Budget) -> Network:
    """The cell's network with fresh weights, the same for the same seed."""
    torch.manual_seed(cell.seed)
    if cell.network in NETWORK_NAMES:
        changes = variant(cell.network, cell.variant).changes
        return build_network(cell.network, "nano", input_px=budget.input_px, **changes)
    return Design(cell.task, cell.network, budget.input_px)


class SkipDecoder(nn.Module):
    """U-Net's way up: double the grid, join the finer map, convolve; then logits [B, 3, S, S], float32."""

    def __init__(self, channels: Sequence[int], input_px: int) -> None:
        super().__init__()
        self.input_px = input_px
        pairs = zip(reversed(channels[:-1]), reversed(channels[1:]), strict=True)
        self.steps = nn.ModuleList(ConvUnit(fine + coarse, fine, 3) for fine, coarse in pairs)
        self.logits = nn.Conv2d(channels[0], len(MASK_CLASSES), 1)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        x = maps[-1]
        for finer, step in zip(reversed(maps[:-1]), self.steps, strict=True):
            x = step(torch.cat([resize(x, finer.shape[2]), finer], dim=1))
        return resize(self.logits(x).float(), self.input_px)


class Design(Network):
    """An encoder, a linear head on the means of its deepest map, and for masks U-Net's decoder."""

    def __init__(self, task: str, name: str, input_px: int) -> None:
        super().__init__()
        self.name, self.side_px = name, input_px
        self.classes = STAGES if task == "stages" else CELL_TYPES
        widths = WIDTHS[task, name]
        self.encoder = _encoder(name, widths, input_px)
        self.decoder = SkipDecoder(widths, input_px) if task == "masks" else None
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(widths[-1], len(self.classes))
        self.register_buffer("temperature", torch.ones(1))
        if name != "swin":
            self.apply(initialise)

    @property
    def input_px(self) -> int:
        return self.side_px

    @property
    def target_name(self) -> str:
        return "encoder"

    def settings(self) -> dict[str, Any]:
        return {"channels": list(self.encoder.channels), "input_px": self.side_px}

    def encode(self, images: Tensor) -> tuple[Tensor, Side]:
        maps = self.encoder(images * 2.0 - 1.0)
        side = {"mask_logits": self.decoder(maps)} if self.decoder is not None else {}
        return F.relu(maps[-1]), side

    def classify(self, target: Tensor, side: Side) -> Tensor:
        logits: Tensor = self.head(self.dropout(target.float().mean((2, 3))))
        return logits.float()

    def readings(self, target: Tensor, side: Side) -> dict[str, Tensor]:
        found = {"features": target.mean((2, 3))}
        return found | ({"mask": side["mask_logits"].softmax(1)} if side else {})


def _encoder(name: str, widths: Sequence[int], input_px: int) -> Encoder:
    if name == "unet":
        return UNetEncoder(widths)
    return ResNetEncoder(widths) if name == "resnet" else SwinEncoder(widths, input_px)
