"""Automatic augmentation: one operation of a list, drawn with its strength, in the manner of TrivialAugment.

After Mueller and Hutter 2021, arXiv 2103.10158; contrast, brightness, equalisation and sharpness are kornia's. What
turns, shears or shifts a picture is not in the list, because masks must follow it: `views` does that. Solarising
is left out, since it makes ground of cells and cells of ground. Blur, noise and coarse blocks are what cameras
and JPEG add. The abstract of XIncept-ALL names auto-augmentation and no policy; this one is our choice.
"""

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

OWN_SHARE = 0.6
"""Of the draws that go to blur, sharpening, noise, blocks or nothing; the others go to kornia's list."""


def auto_augment(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Image [3, S, S] in 0..1 -> the same shape and range; equal for equal `rng`."""
    if rng.random() < OWN_SHARE:
        return _texture(image, int(rng.integers(6)), float(rng.random()), rng).clamp(0, 1)
    # kornia draws from torch's global generator.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        changed: Tensor = _kornia()(image[None])[0].clamp(0, 1)
    return changed


@cache
def _kornia() -> Any:
    from kornia.augmentation.auto import TrivialAugment

    return TrivialAugment(
        policy=[
            [("auto_contrast", 0, 1)],
            [("equalize", 0, 1)],
            [("posterize", 4.0, 7.0)],
            [("contrast", 0.75, 1.3)],
            [("brightness", 0.85, 1.15)],
            [("sharpness", 0.1, 1.9)],
        ]
    )


def _texture(image: Tensor, kind: int, strength: float, rng: np.random.Generator) -> Tensor:
    if kind == 0:
        return _blurred(image, 0.4 + 1.0 * strength)
    if kind == 1:
        sharper: Tensor = image + (0.3 + 1.2 * strength) * (image - _blurred(image, 1.0))
        return sharper
    if kind == 2:
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        return image + torch.from_numpy(noise) * (0.005 + 0.03 * strength)
    if kind == 3:
        return _coarse_blocks(image, strength)
    return image


def _blurred(image: Tensor, sigma: float) -> Tensor:
    radius = max(1, round(2 * sigma))
    steps = torch.arange(-radius, radius + 1, dtype=torch.float32)
    weights = (-(steps**2) / (2 * sigma**2)).exp()
    weights = weights / weights.sum()
    padded = F.pad(image[:, None], (radius,) * 4, mode="reflect")
    across = F.conv2d(padded, weights.view(1, 1, 1, -1))
    return F.conv2d(across, weights.view(1, 1, -1, 1))[:, 0]


def _coarse_blocks(image: Tensor, strength: float) -> Tensor:
    """Like strong JPEG: detail finer than a pixel grid is kept only in part, in blocks of 8."""
    side = image.shape[-1]
    coarse = F.avg_pool2d(image[None], 8, ceil_mode=True)
    blocks = F.interpolate(coarse, scale_factor=8.0)[0, :, :side, :side]
    detail = image - blocks
    step = 0.02 + 0.06 * strength
    return blocks + (detail / step).round() * step
