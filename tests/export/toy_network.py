"""A network of 3,000 weights whose tail holds what makes tracing hard: strided and grouped convolutions, norms, gates."""

import torch
import torch.nn.functional as F
from torch import nn

from leukoscope.models.network import Network

SIDE_PX = 32


class ToyNetwork(Network):
    name = "xincept_all"
    classes = ("Benign", "Early", "Pre", "Pro")
    target_name = "body"

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 24, 3, 2, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(),
        )
        self.refine = nn.Conv2d(24, 24, 3, 2, 1, groups=2, bias=False)
        self.norm = nn.BatchNorm2d(24)
        self.mix = nn.LayerNorm(24)
        self.hidden = nn.Linear(24, 32)
        self.squeeze = nn.Linear(32, 16, bias=False)
        self.head = nn.Linear(16, 4)
        self.register_buffer("temperature", torch.tensor([1.7]))

    @property
    def input_px(self):
        return SIDE_PX

    def settings(self):
        return {}

    def encode(self, images):
        target = self.body(images * 2 - 1)
        return target, {"pool": torch.sigmoid(target.mean(1, keepdim=True))}

    def classify(self, target, side):
        fine = (target * side["pool"]).mean((2, 3))
        coarse = F.gelu(self.norm(self.refine(target * side["pool"]))).mean((2, 3))
        mixed = F.silu(self.hidden(self.mix(fine + coarse)))
        return self.head(torch.relu(self.squeeze(mixed)))

    def readings(self, target, side):
        return {"features": target.mean((2, 3)), "feature_maps": target}


def disturb_norms(network):
    """Batch norms as training might leave them; fresh ones do nothing and would hide a wrong gradient."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.25)
            nn.init.uniform_(module.weight, 0.8, 1.2)
            nn.init.normal_(module.bias, 0, 0.1)
