"""What the two networks have in common: a way to a target map, and a short tail from there to the logits."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

Side = dict[str, Tensor]
"""Tensors by name that a network computes beside its target map: pooling weights, saliency, mask logits."""


class Network(nn.Module, ABC):
    """A classifier that is cut at its Grad-CAM target map.

    `encode` does nearly all the work; `classify` is the differentiable tail whose vector-Jacobian product
    gives Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391), so it stays small.
    """

    name: str
    classes: tuple[str, ...]
    temperature: Tensor
    """Buffer of shape [1]: divides the logits before the softmax, after the point that Grad-CAM differentiates."""

    @property
    @abstractmethod
    def input_px(self) -> int:
        """Side of the square input in pixels."""

    @property
    @abstractmethod
    def target_name(self) -> str:
        """Dotted name of the module whose output is the Grad-CAM target map."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The configuration as JSON values, enough to build the network again."""

    @abstractmethod
    def encode(self, images: Tensor) -> tuple[Tensor, Side]:
        """`images` float [B, 3, S, S] in 0..1, RGB -> (target map [B, C, h, w], side tensors)."""

    @abstractmethod
    def classify(self, target: Tensor, side: Side) -> Tensor:
        """Target map -> logits [B, K], before the temperature."""

    @abstractmethod
    def readings(self, target: Tensor, side: Side) -> dict[str, Tensor]:
        """What the deployed graph gives besides `probabilities` and `cams`, by output name."""

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """For training: logits, the target map and every side tensor by name."""
        target, side = self.encode(images)
        return {"logits": self.classify(target, side), "target": target, **side}


def to_images(frames: Tensor) -> Tensor:
    """uint8 [B, H, W, 3] -> float32 [B, 3, H, W] in 0..1. Cast before permuting: TensorRT transposes no uint8."""
    return frames.to(torch.float32).permute(0, 3, 1, 2) * (1.0 / 255.0)


def to_probabilities(network: Network, logits: Tensor) -> Tensor:
    """Logits [B, K] -> probabilities [B, K] under the network's temperature."""
    return torch.softmax(logits / network.temperature, dim=1)
