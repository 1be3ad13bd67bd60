"""Runs a network in eval mode on pictures as the deployed program would show them to it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from leukoscope.images.contract import Contract, place
from leukoscope.models.network import Network, to_images, to_probabilities
from leukoscope.training.pictures import Image, Picture

BATCH = 32


def squares(pictures: Sequence[Picture], contract: Contract) -> list[Image]:
    """Whole fields as the contract brings them to the network: uint8 [S, S, 3]."""
    return [place(picture.levels[0], contract)[0] for picture in pictures]


@torch.no_grad()
def outputs(network: Network, frames: Sequence[Image], names: Sequence[str]) -> dict[str, Tensor]:
    """`logits`, `probabilities` (under the temperature), `features` or `mask` for uint8 frames [S, S, 3].

    float32 arithmetic, as the exported graph has it.
    """
    network.eval()
    found: dict[str, list[Tensor]] = {name: [] for name in names}
    for start in range(0, len(frames), BATCH):
        stack = torch.from_numpy(np.stack(frames[start : start + BATCH]))
        for name, value in _run(network, to_images(stack), names).items():
            found[name].append(value)
    return {name: torch.cat(values) if values else torch.empty(0) for name, values in found.items()}


def probabilities_of(network: Network, frames: Sequence[Image]) -> NDArray[np.float32]:
    """[B, K]"""
    if not frames:
        return np.empty((0, len(network.classes)), np.float32)
    found: NDArray[np.float32] = outputs(network, frames, ["probabilities"])[
        "probabilities"
    ].numpy()
    return found


def _run(network: Network, images: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    target, side = network.encode(images.contiguous(memory_format=torch.channels_last))
    logits = network.classify(target, side)
    known = {"logits": logits, "probabilities": to_probabilities(network, logits)}
    if set(names) - set(known):
        known.update(network.readings(target, side))
    return {name: known[name] for name in names}
