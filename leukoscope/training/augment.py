"""Colour and texture augmentation of batches, strong on stain: colour is the trap of stained smears.

Romanowsky stains mix azure and eosin in proportions that differ by laboratory and by day, so a network must not
read the class from them. Per image, all linear steps are drawn first and applied in two matrix products: one in
optical density, along the image's own stains (amount of each, unknown cross-talk, lamp and exposure), one in RGB
(contrast, saturation, hue). Then follows one operation of an automatic policy (`auto_augment`). The strengths are our choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from leukoscope.training.auto_augment import auto_augment
from leukoscope.training.stain_vectors import GIEMSA, Stains
from leukoscope.training.views import Sample


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


def augmented(
    samples: Sequence[Sample], jitter: ColourJitter, rng: np.random.Generator, *, auto: bool = True
) -> Tensor:
    """Samples -> images [B, 3, S, S] in 0..1 with other stains and, with `auto`, textures; padding stays white."""
    images = torch.from_numpy(np.stack([sample.image for sample in samples]))
    images = images.permute(0, 3, 1, 2).float() / 255
    inside = torch.from_numpy(np.stack([sample.inside for sample in samples]))[:, None].float()
    coloured = jitter_colour(images, inside, jitter, rng, [sample.stains for sample in samples])
    if auto:
        coloured = torch.stack([auto_augment(image, rng) for image in coloured])
    return coloured * inside + (1 - inside)


def jitter_colour(
    images: Tensor,
    inside: Tensor,
    jitter: ColourJitter,
    rng: np.random.Generator,
    stains: Sequence[Stains] = (),
) -> Tensor:
    """Images [B, 3, S, S] in 0..1 -> the same shape and range; padding (`inside` [B, 1, S, S] is 0) stays white.

    `stains` are those of each image; without them all are taken for Giemsa's.
    """
    matrices, offsets = _density_maps(stains or [GIEMSA] * len(images), jitter, rng)
    density = -images.clamp(1 / 255, 1).log()
    density = _mix(density, matrices, offsets)
    coloured = (-density).exp().clamp(0, 1)
    matrices, offsets = _rgb_maps(coloured, jitter, rng)
    coloured = _mix(coloured, matrices, offsets).clamp(0, 1)
    return coloured * inside + (1 - inside)


def _density_maps(
    stains: Sequence[Stains], jitter: ColourJitter, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    count, pairs = len(stains), np.asarray(stains)
    third = np.cross(pairs[:, 0], pairs[:, 1])
    basis = np.concatenate([pairs, third[:, None]], axis=1)
    basis /= np.linalg.norm(basis, axis=2, keepdims=True)
    amounts = np.exp(rng.normal(0, jitter.stain_amount, (count, 3)))
    stain = np.einsum("bki,bk,bjk->bij", basis, amounts, np.linalg.inv(basis))
    mixing = np.eye(3) + rng.normal(0, jitter.cross_talk, (count, 3, 3))
    gamma = np.exp(rng.normal(0, jitter.gamma, (count, 1, 1)))
    offsets = np.einsum("bk,bki->bi", rng.normal(0, jitter.stain_offset, (count, 2)), basis[:, :2])
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


def _tensor(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
