"""The sanity check of Adebayo et al. 2018 (arXiv 1810.03292): maps of a network whose weights are randomised, head downwards.

A map that stays as it was when the weights are gone shows the image, not what the network has learnt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from leukoscope.export.gradcam import grad_cams
from leukoscope.images.opencv import cv2
from leukoscope.models.network import Network, to_images
from leukoscope.models.sizes import build_network
from leukoscope.runtime.metrics.maps import rank_agreement
from measure.similarity import ssim

STAGES = 8
"""Cuts between the head alone and the whole network."""
SSIM_SIDE_PX = 64
"""Maps are brought to this side for SSIM, whose window is 11 px."""
BATCH = 8


@dataclass(frozen=True)
class Likeness:
    """Medians over images, of the maps under a stage with the original's."""

    stage: str
    layers: int
    """How many layers with weights are random, counted from the head."""
    spearman: float
    ssim: float


def cascade(network: Network, frames: NDArray[np.uint8], seed: int) -> list[Likeness]:
    """`frames` [B, S, S, 3] under ever more random weights; before the stages, what other images' maps are like.

    The class shown is the one that the original votes. Random weights are those that the network has before
    training (`build_network`), batch statistics included. The network is changed.
    """
    original, classes = maps_of(network, frames)
    found = [_likeness("maps of another image", 0, original, np.roll(original, 1, axis=0))]
    layers = layers_from_head(network, frames)
    for count in cuts(len(layers)):
        randomise(network, layers[:count], seed)
        changed, _ = maps_of(network, frames, classes)
        name = layers[count - 1]
        found.append(_likeness(name, count, original, changed))
    return found


def cuts(layers: int) -> list[int]:
    """How many layers are random at each stage: one, then ever more in equal ratios, for the head's side counts most."""
    steps = np.geomspace(1, layers, STAGES + 1)
    return sorted({round(float(step)) for step in steps})


def layers_from_head(network: Network, frames: NDArray[np.uint8]) -> list[str]:
    """Names of the modules that own weights, the last one to run first."""
    order: list[str] = []
    handles = [
        module.register_forward_hook(lambda *_, name=name: order.append(name))
        for name, module in network.named_modules()
        if name and _own_state(module)
    ]
    with torch.no_grad():
        target, side = network.encode(to_images(torch.from_numpy(frames[:1])))
        network.classify(target, side)
    for handle in handles:
        handle.remove()
    return list(dict.fromkeys(reversed(order)))


def randomise(network: Network, layers: Sequence[str], seed: int) -> None:
    """Gives these modules the weights of a network of the same settings that nobody has trained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = build_network(network.name, network.settings())
    theirs = dict(fresh.named_modules())
    mine = dict(network.named_modules())
    with torch.no_grad():
        for name in layers:
            for key, value in _own_state(theirs[name]).items():
                _own_state(mine[name])[key].copy_(value)


def maps_of(
    network: Network, frames: NDArray[np.uint8], classes: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Grad-CAM maps [B, h, w] of `classes` [B], by default of those that the network votes; and these."""
    network.eval()
    maps, voted = [], []
    for some in _batches(frames):
        with torch.no_grad():
            target, side = network.encode(to_images(some))
            logits, cams = grad_cams(network, target, side)
        maps.append(cams.detach().numpy())
        voted.append(logits.detach().argmax(1).numpy())
    shown = np.concatenate(voted) if classes is None else classes
    every = np.concatenate(maps)
    return every[np.arange(len(every)), shown], shown


def _likeness(stage: str, layers: int, original: NDArray[Any], changed: NDArray[Any]) -> Likeness:
    pairs = list(zip(original, changed, strict=True))
    return Likeness(
        stage=stage,
        layers=layers,
        spearman=float(np.median([rank_agreement(a, b) for a, b in pairs])),
        ssim=float(np.median([ssim(_enlarged(a), _enlarged(b)) for a, b in pairs])),
    )


def _enlarged(one: NDArray[Any]) -> NDArray[np.float32]:
    scaled = cv2.resize(np.ascontiguousarray(one, np.float32), (SSIM_SIDE_PX, SSIM_SIDE_PX))
    return scaled.astype(np.float32, copy=False)


def _own_state(module: nn.Module) -> dict[str, torch.Tensor]:
    """A module's own weights and batch statistics, without those of its children."""
    state: dict[str, torch.Tensor] = dict(module.named_parameters(recurse=False))
    if state:
        state |= dict(module.named_buffers(recurse=False))
    return state


def _batches(frames: NDArray[np.uint8]) -> Iterator[torch.Tensor]:
    for start in range(0, len(frames), BATCH):
        yield torch.from_numpy(frames[start : start + BATCH])
