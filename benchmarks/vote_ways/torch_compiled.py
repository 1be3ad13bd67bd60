"""torch.compile, and the map by autograd from the target map on: no library's Grad-CAM, no backward pass of the trunk."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from leukoscope.models.network import Network
from vote_ways.answer import Answer, AnswerWay, Frame, heat_of
from vote_ways.case import Case
from vote_ways.torch_eager import images_of
from vote_ways.voter import open_trees


def open_compiled(case: Case) -> AnswerWay:
    """Compiled by inductor for frames of one size; the tail, a mean and a matrix product, stays eager."""
    network = case.network().eval().requires_grad_(False)
    trees = open_trees(case.trees, case.threads)
    encode = torch.compile(lambda images: network.encode(images)[0])

    def answer(frame: Frame) -> Answer:
        with torch.no_grad():
            target = encode(images_of(frame))
        probabilities = trees.predict_proba(target.mean((2, 3)).numpy())[0]
        voted = int(probabilities.argmax())
        return Answer(voted, probabilities, heat_of(map_by_autograd(network, target, voted), frame.shape[0]))  # fmt: skip

    return answer


def map_by_autograd(network: Network, target: Tensor, class_index: int) -> NDArray[np.float32]:
    """Grad-CAM of one class [h, w] from the target map [1, C, h, w] (Selvaraju et al. 2017, eq. 1 and 2)."""
    leaf = target.detach().requires_grad_()
    logit = network.classify(leaf, {})[0, class_index]
    (gradient,) = torch.autograd.grad(logit, leaf)
    weights = gradient.mean((2, 3), keepdim=True)
    grid: NDArray[np.float32] = torch.relu((weights * target).sum(1))[0].numpy()
    return grid
