"""What torch itself says: the outputs of a network with Grad-CAM by ordinary autograd, one class after the other.

Deliberately another road than `gradcam`, which traces a vector-Jacobian product: what the graph is proved against.
"""

import torch
from torch import Tensor

from leukoscope.models.network import Network, to_images, to_probabilities


def torch_outputs(network: Network, frames: Tensor) -> dict[str, Tensor]:
    """The graph's outputs by name for frames uint8 [B, S, S, 3], worked out by torch in eval mode."""
    network.eval()
    with torch.no_grad():
        target, side = network.encode(to_images(frames))
        readings = network.readings(target, side)
        probabilities = to_probabilities(network, network.classify(target, side))
    cams = autograd_cams(network, target, side)
    return {"probabilities": probabilities, **readings, "cams": cams}


def autograd_cams(network: Network, target: Tensor, side: dict[str, Tensor]) -> Tensor:
    """Grad-CAM [B, K, h, w] of every class from `torch.autograd.grad`. Selvaraju et al. 2017, eq. 1 and 2."""
    leaf = target.detach().requires_grad_()
    with torch.enable_grad():
        logits = network.classify(leaf, side)
    maps = []
    for index in range(logits.shape[1]):
        (gradient,) = torch.autograd.grad(logits[:, index].sum(), leaf, retain_graph=True)
        weights = gradient.mean((2, 3), keepdim=True)
        maps.append(torch.relu((weights * leaf.detach()).sum(1)))
    return torch.stack(maps, 1)
