"""The saliency prior: where a stained white cell is, from colour alone, before any backbone has looked.

Two cues, both relative to the light of the field's own empty ground: contrast of colour in CIE Lab, and density of the
azure stain that nuclei take up. A few small convolutions refine them. The paper's abstract asks for a saliency prior
that guides the features; these cues, the refinement and the gates are our choice.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from leukoscope.models import colour
from leukoscope.models.mbconv import conv_norm

SALIENCY_STRIDE = 4

CUES = ("lightness", "chroma", "nuclear density", "relative nuclear density", "red-cell density")

_NUCLEAR = (0.5514, 1.3477, -2.0936)
_RED_CELL = (-0.1276, -0.5105, 2.4953)
"""Rows that separate optical density (R, G, B) into two stains: the pseudo-inverse of the unit vectors along
(0.43, 0.87, 0.20), nuclei under Romanowsky stains, and (0.38, 0.73, 0.57), red cells. Both measured on smears of three makers."""

_PRIOR_WEIGHTS = (4.0, 5.0, 3.5, 5.0, 0.0)
_PRIOR_BIAS = -3.0
"""Starting point of the learnt mix: logistic regression on the same smears (area under the curve 0.98 for cell against rest)."""

_DARKEST = 1e-2


def stain_densities(passed: Tensor) -> tuple[Tensor, Tensor]:
    """Transmittance [B, 3, h, w] -> densities of the nuclear stain and of red cells, each [B, 1, h, w], >= 0."""
    density = -torch.log10(passed.clamp(_DARKEST, 1.0))
    nuclear = colour.weighted_channels(density, _NUCLEAR)
    red_cell = colour.weighted_channels(density, _RED_CELL)
    return nuclear.relu(), red_cell.relu()


def colour_contrast(passed: Tensor) -> tuple[Tensor, Tensor]:
    """Distance in Lab from the ground, in units of 100: darkening and chroma, each [B, 1, h, w], >= 0."""
    lab = colour.to_lab(passed.clamp(0.0, 1.2))
    darkening = (1.0 - lab[:, 0:1] / 100.0).relu()
    square = lab[:, 1:2] * lab[:, 1:2] + lab[:, 2:3] * lab[:, 2:3]
    return darkening, (square + 1e-4).sqrt() / 100.0


def relative_to_field(density: Tensor) -> Tensor:
    """Density over the field's own high level (third moment over second), so that a weak stain counts like a strong one.

    The constant keeps a field without any cell from lighting up.
    """
    square = density * density
    level = (square * density).mean((2, 3), keepdim=True) / (
        square.mean((2, 3), keepdim=True) + 1e-4
    )
    return density / (level + 0.1)


def cues(images: Tensor) -> Tensor:
    """Encoded images [B, 3, S, S] in 0..1 -> [B, 5, S/4, S/4], in the order of `CUES`; zero in the white margin."""
    small = F.avg_pool2d(images, SALIENCY_STRIDE)
    margin, linear = colour.padding(small), colour.to_linear(small)
    passed = colour.transmittance(linear, colour.ground_colour(linear, margin))
    darkening, chroma = colour_contrast(passed)
    nuclear, red_cell = stain_densities(passed)
    maps = [darkening, chroma, nuclear, relative_to_field(nuclear), red_cell]
    return torch.cat(maps, dim=1) * (1.0 - margin)


class SaliencyPrior(nn.Module):
    """Images [B, 3, S, S] in 0..1 -> saliency [B, 1, S/4, S/4] in 0..1, float32.

    The refinement starts at nought, so an untrained network already has the prior.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.prior = nn.Conv2d(len(CUES), 1, 1)
        wide = nn.Conv2d(channels, channels, 3, padding=2, dilation=2, bias=False)
        self.refine = nn.Sequential(
            *conv_norm(len(CUES), channels, 3),
            nn.ReLU(),
            wide,
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, 1, 3, padding=1),
        )
        self._start_at_prior()

    def _start_at_prior(self) -> None:
        """Sets the mix of cues to the prior and the refinement's last convolution to nought."""
        with torch.no_grad():
            self.prior.weight.copy_(torch.tensor(_PRIOR_WEIGHTS).reshape(1, -1, 1, 1))
            nn.init.constant_(self.prior.bias, _PRIOR_BIAS)  # type: ignore[arg-type]
            nn.init.zeros_(self.refine[-1].weight)  # type: ignore[arg-type]
            nn.init.zeros_(self.refine[-1].bias)  # type: ignore[arg-type]

    def forward(self, images: Tensor) -> Tensor:
        maps = cues(images)
        logits: Tensor = self.prior(maps) + self.refine(maps)
        return logits.float().sigmoid()


class SaliencyGate(nn.Module):
    """Multiplies each channel by 2 * sigmoid(w * saliency + b), w and b learnt for each channel.

    Features [B, C, h, w] at `stride`; the saliency is pooled to their grid. Starts at 0.54 on plain ground and 1.46 on a
    cell; never nought, so that no region is lost to the layers behind.
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.factor = stride // SALIENCY_STRIDE
        self.gate = nn.Conv2d(1, channels, 1)
        nn.init.constant_(self.gate.weight, 2.0)
        nn.init.constant_(self.gate.bias, -1.0)  # type: ignore[arg-type]

    def forward(self, features: Tensor, saliency: Tensor) -> Tensor:
        here = F.avg_pool2d(saliency, self.factor) if self.factor > 1 else saliency
        gate: Tensor = self.gate(here).sigmoid()
        return features * (gate * 2.0)
