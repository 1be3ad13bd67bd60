import dataclasses
import importlib.util
import json
from pathlib import Path

import pytest
import torch

from leukoscope.errors import InputError
from leukoscope.models.network import to_images, to_probabilities
from leukoscope.models.xincept_all import XINCEPT_ALL_SIZES, XInceptAll, XInceptAllConfig

NANO = XINCEPT_ALL_SIZES["nano"]
ABLATIONS = {
    "whole": {},
    "inception only": {"xception": False},
    "xception only": {"inception": False},
    "no fusion blocks": {"fusion_blocks": False},
    "inception, no fusion blocks": {"xception": False, "fusion_blocks": False},
}


def built(seed=0, **changes):
    torch.manual_seed(seed)
    return XInceptAll(dataclasses.replace(NANO, **changes))


def pictures(input_px, batch=2):
    return torch.rand(batch, 3, input_px, input_px, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("input_px", "cells"), [(75, 5), (76, 5), (128, 8), (224, 14), (299, 19)])
def test_target_map_and_logits(input_px, cells):
    network = built(input_px=input_px).eval()
    with torch.no_grad():
        target, side = network.encode(pictures(input_px))
        logits = network.classify(target, side)
    assert target.shape == (2, NANO.features, cells, cells)
    assert target.min() >= 0
    assert logits.shape == (2, 4)
    assert logits.isfinite().all()
    assert side == {}


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_ablations_train_every_weight_that_they_keep(ablation):
    network = built(input_px=96, **ABLATIONS[ablation]).train()
    out = network(pictures(96, 4))
    torch.nn.functional.cross_entropy(out["logits"], torch.tensor([0, 1, 2, 3])).backward()
    idle = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle
    assert (network.inception is None) == ("inception" in ABLATIONS[ablation])
    assert (network.xception is None) == ("xception" in ABLATIONS[ablation])
    assert out["target"].shape[1] == NANO.features


def test_without_fusion_blocks_nothing_is_learned_between_trunks_and_join():
    plain = built(fusion_blocks=False)
    assert not list(plain.fuse_middle.parameters()) + list(plain.fuse_last.parameters())
    assert plain.join.conv.in_channels == 96 + 88 + 256 + 256


def test_features_are_the_means_of_the_target_and_the_head_is_linear_on_them():
    network = built(input_px=96).eval()
    with torch.no_grad():
        target, side = network.encode(pictures(96))
        readings = network.readings(target, side)
        logits = network.classify(target, side)
    assert torch.equal(readings["feature_maps"], target)
    assert torch.allclose(readings["features"], target.flatten(2).mean(2), atol=1e-6)
    assert torch.allclose(network.head(readings["features"]), logits, atol=1e-6)


def test_target_name_names_the_module_that_gives_the_target():
    network = built(input_px=96).eval()
    caught = []
    network.get_submodule(network.target_name).register_forward_hook(
        lambda module, args, out: caught.append(out)
    )
    with torch.no_grad():
        target, _ = network.encode(pictures(96))
    assert torch.equal(caught[0], target)


def test_grad_cam_of_every_class_is_that_of_autograd_and_not_zero():
    network = built(input_px=96).eval().requires_grad_(False)
    target, side = network.encode(pictures(96))
    _, pull_back = torch.func.vjp(lambda a: network.classify(a, side), target)
    for k in range(4):
        cotangent = torch.zeros(2, 4)
        cotangent[:, k] = 1
        leaf = target.clone().requires_grad_()
        network.classify(leaf, side)[:, k].sum().backward()
        gradient = pull_back(cotangent)[0]
        assert torch.allclose(gradient, leaf.grad)
        cam = (gradient.mean((2, 3), keepdim=True) * target).sum(1).relu()
        assert (cam.amax((1, 2)) > 0).all()


@pytest.mark.parametrize("changes", ABLATIONS.values(), ids=ABLATIONS)
def test_settings_are_json_and_build_the_same_network(changes):
    network = built(input_px=96, classes=("a", "b", "c"), **changes)
    settings = json.loads(json.dumps(network.settings()))
    again = XInceptAll(XInceptAllConfig(**settings))
    assert again.config == network.config
    again.load_state_dict(network.state_dict())
    x = pictures(96)
    with torch.no_grad():
        ours, theirs = network.eval()(x)["logits"], again.eval()(x)["logits"]
    assert torch.equal(ours, theirs)
    assert ours.shape == (2, 3)


REFUSED = {
    "input_px": [74, 0, -299, 10**6, 299.0, "299", None],
    "width": [0.0, -1.0, 1e9, float("nan"), "1"],
    "fused_channels": [0, 10**9, 8.0],
    "features": [0, 10**9],
    "dropout": [-0.1, 1.0],
    "classes": [(), ("one",), ("same", "same")],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in REFUSED.items() for v in vs])
def test_settings_that_cannot_be_built_are_refused_by_name(name, value):
    with pytest.raises(InputError, match=name):
        dataclasses.replace(NANO, **{name: value})


def test_below_75_px_nothing_is_left_to_see():
    with pytest.raises(InputError, match=r"input_px = 74.*from 75"):
        dataclasses.replace(NANO, input_px=74)


def test_both_trunks_off_is_refused():
    with pytest.raises(InputError, match="both trunks"):
        dataclasses.replace(NANO, inception=False, xception=False)


def test_a_spot_moves_the_evidence_to_where_it_is():
    """The target map answers to a patch of the image at the patch's own place, in all four corners."""
    network = built(input_px=299).eval()
    grey = torch.full((1, 3, 299, 299), 0.5)
    centres = {}
    with torch.no_grad():
        rest, _ = network.encode(grey)
        for y, x in ((75, 75), (75, 225), (225, 75), (225, 225)):
            image = grey.clone()
            image[..., y - 16 : y + 16, x - 16 : x + 16] = 1.0
            change = (network.encode(image)[0] - rest).abs().sum((0, 1)) ** 2
            cells = (torch.arange(19) + 0.5) * 299 / 19
            centres[y, x] = (
                (change.sum(1) @ cells / change.sum()).item(),
                (change.sum(0) @ cells / change.sum()).item(),
            )
    for (y, x), found in centres.items():
        assert found == pytest.approx((y, x), abs=16)


def test_exports_with_any_batch(tmp_path):
    network = built(input_px=96).eval().requires_grad_(False)

    class Deployed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, frames):
            target, side = self.network.encode(to_images(frames))
            logits = self.network.classify(target, side)
            readings = self.network.readings(target, side)
            return {"probabilities": to_probabilities(self.network, logits), **readings}

    frames = (pictures(96, 5) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    shapes = ({0: torch.export.Dim("batch")},)
    exported = torch.export.export(Deployed(), (frames[:2],), dynamic_shapes=shapes).module()
    for batch in (1, 5):
        found, wanted = exported(frames[:batch]), Deployed()(frames[:batch])
        for name, value in wanted.items():
            assert torch.allclose(found[name], value, atol=1e-5), name


def test_a_training_step_in_bfloat16_lowers_the_loss():
    network = built(input_px=96, dropout=0.0).train().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    labels = torch.arange(8) % 4
    images = pictures(96, 8) / 2 + labels[:, None, None, None] / 8
    images = images.contiguous(memory_format=torch.channels_last)
    losses = []
    for _ in range(8):
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(images)["logits"]
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3
    assert all(p.dtype == torch.float32 for p in network.parameters())


@pytest.mark.parametrize(
    ("size", "parameters"), [("nano", 0.92e6), ("small", 3.26e6), ("full", 46.8e6)]
)
def test_sizes(size, parameters):
    with torch.device("meta"):
        network = XInceptAll(XINCEPT_ALL_SIZES[size])
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(parameters, rel=0.02)
    assert network.classes == ("Benign", "Early", "Pre", "Pro")
    assert network.input_px == 299


def test_the_page_shows_what_the_networks_cost():
    repository = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location(
        "network_cost", repository / "benchmarks" / "network_cost.py"
    )
    network_cost = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(network_cost)
    page = (repository / "docs" / "networks" / "xincept-all.md").read_text()
    assert network_cost.table("xincept_all", [299, 224]) in page
