"""Colour as the saliency prior needs it: sRGB to light, to CIE Lab, and the colour of the empty ground.

Everything here is arithmetic on float32 images with ordinary operators, so that it exports as it stands;
matrix products are written out, because a convolution would be rounded to bf16 under autocast.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

LUMINANCE = (0.2126729, 0.7151522, 0.0721750)
"""Y of linear sRGB (IEC 61966-2-1, D65)."""

_X = (0.4124564, 0.3575761, 0.1804375)
_Z = (0.0193339, 0.1191920, 0.9503041)
_WHITE_X, _WHITE_Z = 0.950456, 1.088754
_LAB_BEND = (6.0 / 29.0) ** 3

GROUND_FLOOR = 1e-3
"""Smallest light that is divided by: keeps a black field finite."""

_WHITE_ROW = 0.995
"""A whole row or column at least this bright is padding (the contract pads with 255)."""

_WHITE_LIGHT = 0.9885
"""The same in linear light."""


def weighted_channels(images: Tensor, weights: tuple[float, float, float]) -> Tensor:
    """[B, 3, h, w] -> [B, 1, h, w], the weighted sum of the channels."""
    red, green, blue = images[:, 0:1], images[:, 1:2], images[:, 2:3]
    return red * weights[0] + green * weights[1] + blue * weights[2]


def to_linear(images: Tensor) -> Tensor:
    """Encoded sRGB in 0..1 -> linear light in 0..1 (IEC 61966-2-1)."""
    power = ((images.clamp(min=0.0) + 0.055) / 1.055) ** 2.4
    return torch.where(images <= 0.04045, images / 12.92, power)


def to_encoded(linear: Tensor) -> Tensor:
    """Linear light in 0..1 -> encoded sRGB in 0..1, the inverse of `to_linear`."""
    bright = 1.055 * linear.clamp(min=0.0031308) ** (1.0 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, bright)


def to_lab(linear: Tensor) -> Tensor:
    """Linear sRGB [B, 3, h, w] -> CIE 1976 L*a*b* [B, 3, h, w] under D65; L in 0..100 for light in 0..1."""
    x = _bent_cube_root(weighted_channels(linear, _X) / _WHITE_X)
    y = _bent_cube_root(weighted_channels(linear, LUMINANCE))
    z = _bent_cube_root(weighted_channels(linear, _Z) / _WHITE_Z)
    return torch.cat([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], dim=1)


def _bent_cube_root(t: Tensor) -> Tensor:
    """Lab's f(t). The clamp keeps the gradient of the branch that is not taken finite."""
    root = t.clamp(min=_LAB_BEND) ** (1.0 / 3.0)
    return torch.where(t > _LAB_BEND, root, t * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0)


def padding(images: Tensor) -> Tensor:
    """Encoded images [B, 3, h, w] -> [B, 1, h, w]: 1 in rows and columns that are white from end to end.

    Such bands are the white margin of a field that is not square. They are brighter than any ground and would
    pass for it. A white spot inside the field is not touched.
    """
    rows = images.amin(dim=(1, 3), keepdim=True) >= _WHITE_ROW
    columns = images.amin(dim=(1, 2), keepdim=True) >= _WHITE_ROW
    return (rows | columns).to(images.dtype)


def ground_colour(linear: Tensor, margin: Tensor) -> Tensor:
    """The light that the empty ground lets through: linear [B, 3, h, w], margin [B, 1, h, w] -> [B, 3, 1, 1].

    A mean of the field's colours in two steps (our choice). First, places count by the fourth power of their luminance,
    so that ground outweighs cells; then also by nearness to the luminance so found, so that neither many cells nor
    a few bright specks pull it away. The estimate follows any change of the light in proportion. Pure white
    counts for a tenth (a turned image has white corners), `margin` (see `padding`) for hardly anything.
    """
    luminance = weighted_channels(linear, LUMINANCE)
    relative = luminance / (luminance.amax(dim=(2, 3), keepdim=True) + GROUND_FLOOR)
    white = (linear.amin(dim=1, keepdim=True) >= _WHITE_LIGHT).to(linear.dtype)
    weight = _to_power_of_two(relative, 2) * (1.0 - 0.9 * white) * (1.0 - 0.999 * margin) + 1e-6
    ratio = luminance / (_weighted_mean(luminance, weight) + GROUND_FLOOR)
    nearness = _to_power_of_two(2.0 * ratio / (1.0 + ratio * ratio), 5)
    return _weighted_mean(linear, weight * nearness + 1e-6)


def _weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).mean((2, 3), keepdim=True) / weight.mean((2, 3), keepdim=True)


def _to_power_of_two(x: Tensor, doublings: int) -> Tensor:
    """Power 2 ** doublings of x."""
    for _ in range(doublings):
        x = x * x
    return x


def transmittance(linear: Tensor, ground: Tensor) -> Tensor:
    """Share of the ground's light that passes, [B, 3, h, w], about 0..1: the same under any light."""
    return (linear + GROUND_FLOOR) / (ground + GROUND_FLOOR)


def ground_of(images: Tensor, stride: int) -> Tensor:
    """Encoded images [B, 3, S, S] in 0..1 -> linear light of their empty ground [B, 3, 1, 1], from means over `stride` px."""
    small = F.avg_pool2d(images, stride)
    return ground_colour(to_linear(small), padding(small))


def on_white_ground(images: Tensor, ground: Tensor) -> Tensor:
    """Encoded images divided by their encoded ground: the same under any lamp, about 0..1, at most 1.25."""
    return (images / (to_encoded(ground) + 0.02)).clamp(0.0, 1.25)
