"""Grad-CAM of every class, written so that its own gradient can be traced into a graph."""

import torch
from torch import Tensor

from leukoscope.models.network import Network, Side


def grad_cams(network: Network, target: Tensor, side: Side) -> tuple[Tensor, Tensor]:
    """Logits [B, K] and the Grad-CAM map of each class [B, K, h, w], at least 0, at the target map's resolution.

    `target` [B, C, h, w] and `side` are what `network.encode` gave. Selvaraju et al. 2017 (arXiv 1610.02391), eq. 1
    and 2: the gradient of the logit, before temperature and softmax, averaged over the plane, weighs the channels;
    the weighted sum is rectified. Not normalised. The network must be in eval mode, so that a field's map does
    not depend on its neighbours in the batch. One forward pass of the tail, K backward passes.
    """
    logits: Tensor
    logits, pull_back = torch.func.vjp(lambda a: network.classify(a, side), target)  # type: ignore[misc]
    cotangents = torch.eye(len(network.classes), dtype=logits.dtype, device=logits.device)
    weights = [
        pull_back(cotangent.expand_as(logits))[0].mean((2, 3)) for cotangent in cotangents.unbind()
    ]
    evidence = torch.matmul(torch.stack(weights, 1), target.flatten(2))
    return logits, torch.relu(evidence).reshape(*evidence.shape[:2], *target.shape[2:])
