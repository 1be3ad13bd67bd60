"""Colour and texture augmentation of batches, strong on stain: colour is the trap of stained smears.

Romanowsky stains mix azure and eosin in proportions that differ by laboratory and by day, so a network must not
read the class from them. Per image, all linear steps are drawn first and applied in two matrix products: one in
optical density (amount of each stain, unknown cross-talk, lamp and exposure), one in RGB (contrast, saturation,
hue). Then one further operation of a list is drawn with a random strength, in the manner of TrivialAugment
(Mueller and Hutter 2021, arXiv 2103.10158). The strengths are our choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from leukoscope.training.views import Sample

STAINS_OD = (
    (0.834750, 0.513556, 0.196330),
    (0.092789, 0.954111, 0.283111),
)
"""Optical densities of azure B / methylene blue and of eosin in R, G, B (Ruifrok and Johnston 2001, Giemsa)."""


@dataclass(frozen=True)
class ColourJitter:
    """Standard deviations of what is drawn for each image."""

    stain_amount: float = 0.22
    """Log of the factor on each stain's concentration."""
    stain_offset: float = 0.05
    """Concentration added to the whole image."""
    cross_talk: float = 0.05
    """Each entry of the 3x3 mixing of channels in optical density."""
    channel_offset: float = 0.06
    """Optical density added to each channel: the lamp's colour."""
    exposure: float = 0.10
    """Optical density added to all channels."""
    gamma: float = 0.12
    contrast: float = 0.12
    saturation: float = 0.20
    hue_degrees: float = 8.0

    def scaled(self, factor: float) -> "ColourJitter":
        """All deviations times `factor`."""
        return ColourJitter(**{name: value * factor for name, value in vars(self).items()})


def augmented(samples: Sequence[Sample], jitter: ColourJitter, rng: np.random.Generator) -> Tensor:
    """Samples -> images [B, 3, S, S] in 0..1 with other stains and textures; padding stays white."""
    images = torch.from_numpy(np.stack([sample.image for sample in samples]))
    images = images.permute(0, 3, 1, 2).float() / 255
    inside = torch.from_numpy(np.stack([sample.inside for sample in samples]))[:, None].float()
    return jitter_texture(jitter_colour(images, inside, jitter, rng), inside, rng)


def jitter_colour(
    images: Tensor, inside: Tensor, jitter: ColourJitter, rng: np.random.Generator
) -> Tensor:
    """Images [B, 3, S, S] in 0..1 -> the same shape and range; padding (`inside` [B, 1, S, S] is 0) stays white."""
    matrices, offsets = _density_maps(len(images), jitter, rng)
    density = -images.clamp(1 / 255, 1).log()
    density = _mix(density, matrices, offsets)
    coloured = (-density).exp().clamp(0, 1)
    matrices, offsets = _rgb_maps(coloured, jitter, rng)
    coloured = _mix(coloured, matrices, offsets).clamp(0, 1)
    return coloured * inside + (1 - inside)


def jitter_texture(images: Tensor, inside: Tensor, rng: np.random.Generator) -> Tensor:
    """One operation for each image, drawn with its strength: none, blur, sharpen, noise, posterise, coarse blocks.

    Shapes, range and padding as in `jitter_colour`.
    """
    kinds = rng.integers(0, 9, len(images))
    strengths = rng.random(len(images))
    done = [
        _texture(image, int(kind), float(strength), rng)
        for image, kind, strength in zip(images, kinds, strengths, strict=True)
    ]
    return torch.stack(done).clamp(0, 1) * inside + (1 - inside)


def _density_maps(
    count: int, jitter: ColourJitter, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    azure, eosin = (np.asarray(stain) for stain in STAINS_OD)
    basis = np.stack([azure, eosin, np.cross(azure, eosin)])
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    amounts = np.exp(rng.normal(0, jitter.stain_amount, (count, 3)))
    stain = np.einsum("ki,bk,jk->bij", basis, amounts, np.linalg.inv(basis))
    mixing = np.eye(3) + rng.normal(0, jitter.cross_talk, (count, 3, 3))
    gamma = np.exp(rng.normal(0, jitter.gamma, (count, 1, 1)))
    offsets = rng.normal(0, jitter.stain_offset, (count, 2)) @ basis[:2]
    offsets += rng.normal(0, jitter.channel_offset, (count, 3))
    offsets += rng.normal(0, jitter.exposure, (count, 1))
    return _tensor(gamma * (mixing @ stain)), _tensor(offsets)


def _rgb_maps(
    images: Tensor, jitter: ColourJitter, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Contrast about the image's mean, saturation and hue about the grey axis."""
    count = len(images)
    grey = np.full((3, 3), 1 / 3)
    axis = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    angle = np.radians(rng.normal(0, jitter.hue_degrees, (count, 1, 1)))
    hue = grey + np.cos(angle) * (np.eye(3) - grey) + np.sin(angle) * axis
    saturation = np.exp(rng.normal(0, jitter.saturation, (count, 1, 1)))
    contrast = np.exp(rng.normal(0, jitter.contrast, (count, 1, 1)))
    matrices = _tensor(contrast * ((grey + saturation * (np.eye(3) - grey)) @ hue))
    means = images.mean((2, 3))
    level = means.mean(1, keepdim=True)
    return matrices, (1 - _tensor(contrast)[:, 0]) * level


def _mix(images: Tensor, matrices: Tensor, offsets: Tensor) -> Tensor:
    flat = torch.baddbmm(offsets[:, :, None], matrices, images.flatten(2))
    return flat.view_as(images)


def _texture(image: Tensor, kind: int, strength: float, rng: np.random.Generator) -> Tensor:
    if kind == 0:
        return _blurred(image, 0.4 + 1.0 * strength)
    if kind == 1:
        sharper: Tensor = image + (0.3 + 1.2 * strength) * (image - _blurred(image, 1.0))
        return sharper
    if kind in (2, 3):
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        return image + torch.from_numpy(noise) * (0.005 + 0.03 * strength)
    if kind == 4:
        levels = 2 ** round(6 - 2 * strength) - 1
        coarse: Tensor = (image * levels).round() / levels
        return coarse
    if kind == 5:
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


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
