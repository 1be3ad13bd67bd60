"""Exponentially averaged weights, batch statistics too: the network that is measured and shipped."""

import copy
from collections.abc import Mapping
from typing import Any

import torch

from leukoscope.models.network import Network


class AveragedWeights:
    """A copy of a network that follows it by `decay` a step; faster at the start, so that it forgets its birth."""

    def __init__(self, network: Network, decay: float) -> None:
        self.network = copy.deepcopy(network).eval()
        self.network.requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def follow(self, network: Network) -> None:
        """One step towards the weights of `network`."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        own, theirs = self.network.state_dict(), network.state_dict()
        floating = [name for name, value in own.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [own[name] for name in floating], [theirs[name] for name in floating], 1 - decay
        )
        for name in own.keys() - floating:
            own[name].copy_(theirs[name])

    def state_dict(self) -> dict[str, Any]:
        """The average and the steps that it has made, without which a resumed run would forget it."""
        return {"network": self.network.state_dict(), "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes up what `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self.steps = int(state["steps"])
