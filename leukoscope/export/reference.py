"""What torch itself says: the outputs of a network with Grad-CAM by ordinary autograd, one class after the other.

Deliberately another road than `gradcam`, which traces a vector-Jacobian product: what the graph is proved against.
"""

import torch
from torch import Tensor

from leukoscope.models.network import Network, Side, to_images, to_probabilities


def torch_outputs(network: Network, frames: Tensor) -> dict[str, Tensor]:
    """The graph's outputs by name for frames uint8 [B, S, S, 3], worked out by torch in eval mode.

    One is added: `evidence` [B, K, h, w], the maps before they are rectified.
    """
    network.eval()
    with torch.no_grad():
        target, side = network.encode(to_images(frames))
        readings = network.readings(target, side)
        probabilities = to_probabilities(network, network.classify(target, side))
    evidence = autograd_evidence(network, target, side)
    maps = {"cams": torch.relu(evidence), "evidence": evidence}
    return {"probabilities": probabilities, **readings, **maps}


def autograd_evidence(network: Network, target: Tensor, side: Side) -> Tensor:
    """Grad-CAM of every class before its rectifier, [B, K, h, w], from `torch.autograd.grad`.

    Selvaraju et al. 2017 (arXiv 1610.02391), eq. 1 and the sum in eq. 2.
    """
    leaf = target.detach().requires_grad_()
    with torch.enable_grad():
        logits = network.classify(leaf, side)
    maps = []
    for index in range(logits.shape[1]):
        (gradient,) = torch.autograd.grad(logits[:, index].sum(), leaf, retain_graph=True)
        weights = gradient.mean((2, 3), keepdim=True)
        maps.append((weights * leaf.detach()).sum(1))
    return torch.stack(maps, 1)
