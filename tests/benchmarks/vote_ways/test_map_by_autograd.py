"""The map by hand is the one that autograd gives through the whole network."""

import torch
from vote_ways.torch_compiled import map_by_autograd

from leukoscope.export.reference import autograd_evidence
from leukoscope.models.sizes import build_network


def test_it_is_the_reference():
    torch.manual_seed(2)
    network = build_network("xincept_all", "nano", input_px=96).eval()
    target = torch.rand(1, network.config.features, 6, 6)
    expected = torch.relu(autograd_evidence(network, target, {}))[0, 2]
    found = torch.from_numpy(map_by_autograd(network, target, 2))
    assert torch.allclose(found, expected, atol=1e-6)
    assert expected.max() > 0
