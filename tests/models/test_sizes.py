import json

import pytest
import torch

from leukoscope.errors import InputError
from leukoscope.models.sizes import NETWORK_NAMES, build_network

PX = {"xincept_all": 96, "sg_cldff": 64}


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_settings_build_the_same_network_again_by_way_of_json(name):
    network = build_network(name, "nano", input_px=PX[name])
    again = build_network(name, json.loads(json.dumps(network.settings())))
    shapes = [
        {key: value.shape for key, value in one.state_dict().items()} for one in (network, again)
    ]
    assert shapes[0] == shapes[1] and network.settings() == again.settings()
    assert network.name == name and network.input_px == again.input_px == PX[name]


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_sizes_grow(name):
    with torch.device("cpu"):
        counts = [
            sum(value.numel() for value in build_network(name, size).parameters())
            for size in ("nano", "small")
        ]
    assert counts[0] < counts[1]


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("resnet", "nano", "xincept_all or sg_cldff"),
        ("xincept_all", "huge", "nano or small or full"),
        ("sg_cldff", {"colour": 1}, "colour"),
        ("xincept_all", {"width": "wide", "fused_channels": 8, "features": 8}, "width"),
        ("xincept_all", {}, "xincept_all"),
        ("sg_cldff", {"input_px": 100}, "multiple of 32"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(name, size, words):
    with pytest.raises(InputError, match=words):
        build_network(name, size)
