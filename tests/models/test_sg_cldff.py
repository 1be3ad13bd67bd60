import json
from dataclasses import replace

import pytest
import torch

from leukoscope.models.network import to_probabilities
from leukoscope.models.sg_cldff import SG_CLDFF_SIZES, SgCldff, SgCldffConfig, pooling_weights

TINY = SgCldffConfig(
    input_px=64,
    channels=(8, 8, 16, 16, 32),
    stem_channels=8,
    middle_channels=16,
    depths=(1, 1, 1, 1),
    swin_depths=(2, 1),
    head_channels=8,
    fused_channels=16,
    groups=4,
    evidence_channels=24,
    decoder_channels=(16, 8),
    saliency_channels=8,
)
SWITCHES = ("saliency", "cross_layer", "swin")


def build(config=TINY, seed=0):
    torch.manual_seed(seed)
    return SgCldff(config).eval()


@pytest.mark.parametrize("input_px", [224, 256, 320])
@torch.no_grad()
def test_shapes_follow_the_input(input_px):
    network = build(replace(SG_CLDFF_SIZES["nano"], input_px=input_px))
    target, side = network.encode(torch.rand(2, 3, input_px, input_px))
    eighth = input_px // 8
    assert target.shape == (2, 96, eighth, eighth)
    assert side["mask_logits"].shape == (2, 3, input_px, input_px)
    assert side["saliency"].shape == (2, 1, input_px // 4, input_px // 4)
    assert side["pooling"].shape == (2, 1, eighth, eighth)
    assert network.classify(target, side).shape == (2, 8)
    readings = network.readings(target, side)
    assert readings["mask"].shape == (2, 3, input_px, input_px)
    assert readings["saliency"].shape == (2, input_px // 4, input_px // 4)


@pytest.mark.parametrize(
    ("size", "least", "most"),
    [("nano", 0.4e6, 0.6e6), ("small", 1.8e6, 2.3e6), ("full", 13e6, 18e6)],
)
def test_sizes_keep_their_budget_of_parameters(size, least, most):
    parameters = sum(p.numel() for p in build(SG_CLDFF_SIZES[size]).parameters())
    assert least <= parameters <= most


@pytest.mark.parametrize(("size", "most_gflop"), [("nano", 0.5), ("small", 1.5)])
@torch.no_grad()
def test_sizes_keep_their_budget_of_operations(size, most_gflop):
    from torch.utils.flop_counter import FlopCounterMode

    network = build(SG_CLDFF_SIZES[size])
    with FlopCounterMode(display=False) as counter:
        network(torch.rand(1, 3, 224, 224))
    assert counter.get_total_flops() <= most_gflop * 1e9


def test_one_set_of_weights_serves_every_input_size():
    other = build(replace(TINY, input_px=96))
    other.load_state_dict(build().state_dict())


def test_settings_build_the_network_again():
    network = build(replace(TINY, swin=False))
    settings = json.loads(json.dumps(network.settings()))
    again = build(SgCldffConfig(**settings), seed=1)
    again.load_state_dict(network.state_dict())
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(again(images)["logits"], network(images)["logits"])


@pytest.mark.parametrize("off", [(), *[(name,) for name in SWITCHES], SWITCHES])
def test_each_part_can_be_switched_off_and_the_rest_still_learns(off):
    network = build(replace(TINY, **dict.fromkeys(off, False))).train()
    outputs = network(torch.rand(2, 3, 64, 64))
    assert outputs["logits"].shape == (2, 8)
    assert outputs["mask_logits"].shape == (2, 3, 64, 64)
    assert outputs["saliency"].shape == (2, 1, 16, 16)
    total = outputs["logits"].square().sum() + outputs["mask_logits"].square().sum()
    total.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_switching_a_part_off_takes_its_weights_away():
    whole = sum(p.numel() for p in build().parameters())
    for name in ("saliency", "cross_layer"):
        assert sum(p.numel() for p in build(replace(TINY, **{name: False})).parameters()) < whole


def test_without_saliency_the_map_is_one_and_the_pooling_even():
    _, side = build(replace(TINY, saliency=False)).encode(torch.rand(2, 3, 64, 64))
    assert side["saliency"].eq(1).all()
    torch.testing.assert_close(side["pooling"], torch.full((2, 1, 8, 8), 1 / 64))


def test_pooling_sums_to_one_and_favours_salient_places():
    saliency = torch.zeros(2, 1, 16, 16)
    saliency[0, :, 4:8, 4:8] = 1.0
    weights = pooling_weights(saliency)
    torch.testing.assert_close(weights.sum((2, 3)), torch.ones(2, 1))
    assert weights[0, 0, 2, 2] > 40 * weights[0, 0, 0, 0]
    torch.testing.assert_close(weights[1], torch.full((1, 8, 8), 1 / 64))


@torch.no_grad()
def test_logits_are_the_head_of_the_weighted_mean():
    network = build()
    target, side = network.encode(torch.rand(2, 3, 64, 64))
    pooled = torch.einsum("bchw,bhw->bc", target, side["pooling"][:, 0])
    torch.testing.assert_close(network.classify(target, side), network.head(pooled))


@torch.no_grad()
def test_pooling_follows_the_saliency_of_the_image():
    images = torch.full((1, 3, 64, 64), 0.8)
    images[:, :, 16:32, 16:32] = torch.tensor([0.36, 0.20, 0.55]).reshape(3, 1, 1)
    side = build().encode(images)[1]
    torch.testing.assert_close(side["pooling"], pooling_weights(side["saliency"]))
    assert side["pooling"][0, 0, 2:4, 2:4].sum() > 0.4


@torch.no_grad()
def test_target_is_the_output_of_the_named_module_and_not_negative():
    network = build()
    seen = []
    network.get_submodule(network.target_name).register_forward_hook(
        lambda module, inputs, output: seen.append(output)
    )
    target, _ = network.encode(torch.rand(1, 3, 64, 64))
    assert seen[0] is target
    assert target.min() >= 0


@torch.no_grad()
def test_mask_is_a_distribution_over_three_classes():
    network = build()
    target, side = network.encode(torch.rand(2, 3, 64, 64))
    mask = network.readings(target, side)["mask"]
    torch.testing.assert_close(mask.sum(1), torch.ones(2, 64, 64))


@pytest.mark.parametrize("level", [0.0, 1.0])
@pytest.mark.parametrize("training", [False, True])
def test_black_and_white_images_are_finite_with_finite_gradients(level, training):
    network = build().train(training)
    images = torch.full((2, 3, 64, 64), level, requires_grad=True)
    outputs = network(images)
    assert all(torch.isfinite(value).all() for value in outputs.values())
    sum(value.square().mean() for value in outputs.values()).backward()
    assert torch.isfinite(images.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)


@torch.no_grad()
def test_an_image_does_not_depend_on_its_neighbours_in_the_batch():
    network = build()
    images = torch.rand(3, 3, 64, 64)
    alone, together = network(images[1:2]), network(images)
    for name, value in alone.items():
        torch.testing.assert_close(value, together[name][1:2], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_temperature_flattens_the_probabilities():
    network = build()
    logits = torch.tensor([[3.0, 1, 0, 0, 0, 0, 0, 0]])
    sharp = to_probabilities(network, logits)
    network.temperature.fill_(4.0)
    assert to_probabilities(network, logits).max() < sharp.max()


def test_steps_in_bf16_move_every_weight():
    """Two steps, because the saliency's refinement starts behind a convolution of noughts."""
    network = build().train()
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    images, heads = torch.rand(2, 3, 64, 64), ("logits", "mask_logits", "saliency")
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16):
            outputs = network(images)
        assert all(outputs[name].dtype == torch.float32 for name in heads)
        optimiser.zero_grad()
        sum(outputs[name].square().mean() for name in heads).backward()
        optimiser.step()
    assert all(torch.isfinite(p).all() for p in network.parameters())
    unmoved = [name for name, p in network.named_parameters() if torch.equal(p, before[name])]
    assert unmoved == []


@pytest.mark.parametrize("off", [(), SWITCHES])
def test_exports_with_a_dynamic_batch(off):
    network = build(replace(TINY, input_px=96, **dict.fromkeys(off, False)))
    network.requires_grad_(False)
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(
        network, (torch.rand(2, 3, 96, 96),), dynamic_shapes=({0: batch},)
    )
    for count in (1, 3):
        images = torch.rand(count, 3, 96, 96)
        expected, found = network(images), program.module()(images)
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, atol=1e-5, rtol=1e-4)
    dimensions = [
        node.meta["val"].dim()
        for node in program.graph.nodes
        if isinstance(node.meta.get("val"), torch.Tensor)
    ]
    assert max(dimensions) <= 5
