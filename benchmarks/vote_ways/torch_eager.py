"""What a lab would write today: torch, pytorch-grad-cam, XGBoost's `predict_proba`."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from leukoscope.models.network import Network
from vote_ways.answer import Answer, AnswerWay, Frame
from vote_ways.case import Case
from vote_ways.stand_ins import torchvision_or_stand_in
from vote_ways.voter import open_trees


class Plain(nn.Module):
    """The network as a classifier: images in, logits out; the features of the last call are kept for the trees."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.features: Tensor | None = None

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, S, S] in 0..1 -> [B, K]."""
        target, side = self.network.encode(images)
        self.features = target.mean((2, 3))
        return self.network.classify(target, side)

    def row(self) -> np.ndarray:
        """[1, F] of the last call."""
        assert self.features is not None
        return self.features.detach().numpy()


def images_of(frame: Frame) -> Tensor:
    """uint8 [S, S, 3] -> float32 [1, 3, S, S] in 0..1."""
    return torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255


def open_two_passes(case: Case) -> AnswerWay:
    """As the libraries' pages show it: predict, then explain what was predicted."""
    model, trees = Plain(case.network()), open_trees(case.trees, case.threads)
    grad_cam, target_of = open_grad_cam(model, model.network.join)

    def answer(frame: Frame) -> Answer:
        images = images_of(frame)
        with torch.no_grad():
            model(images)
        probabilities = trees.predict_proba(model.row())[0]
        voted = int(probabilities.argmax())
        heat = grad_cam(input_tensor=images, targets=[target_of(voted)])[0]
        return Answer(voted, probabilities, heat)

    return answer


def open_one_pass(case: Case, *, frozen: bool = False) -> AnswerWay:
    """The same with one forward pass: the target, which pytorch-grad-cam calls between its two passes, asks the trees.

    `frozen`: no weight before the map's layer takes part in the backward pass, so it ends there.
    """
    model, trees = Plain(case.network()), open_trees(case.trees, case.threads)
    grad_cam, _ = open_grad_cam(model, model.network.join)
    if frozen:
        model.requires_grad_(False)
        model.network.join.requires_grad_(True)

    def answer(frame: Frame) -> Answer:
        asked: list[np.ndarray] = []

        def target(logits: Tensor) -> Tensor:
            asked.append(trees.predict_proba(model.row())[0])
            return logits[int(asked[0].argmax())]

        heat = grad_cam(input_tensor=images_of(frame), targets=[target])[0]
        return Answer(int(asked[0].argmax()), asked[0], heat)

    return answer


def open_grad_cam(model: nn.Module, layer: nn.Module) -> tuple[Any, Any]:
    """pytorch-grad-cam's GradCAM on the model, and its ClassifierOutputTarget."""
    with torchvision_or_stand_in():
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    return GradCAM(model=model, target_layers=[layer]), ClassifierOutputTarget
