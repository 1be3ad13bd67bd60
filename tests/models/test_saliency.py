import pytest
import torch

from leukoscope.images.opencv import cv2
from leukoscope.models import colour
from leukoscope.models.saliency import (
    CUES,
    SaliencyGate,
    SaliencyPrior,
    colour_contrast,
    cues,
    relative_to_field,
    stain_densities,
)

NUCLEUS, CYTOPLASM = (0.36, 0.20, 0.55), (0.62, 0.60, 0.80)
RED_CELL, GROUND = (0.80, 0.55, 0.52), (0.85, 0.82, 0.80)
CENTRE = (28, 28)


def smear(side=224, light=1.0):
    """A painted field [1, 3, side, side]: one white cell in the middle, red cells round it, on bare ground."""
    import numpy as np

    image = np.empty((side, side, 3), np.float32)
    image[:] = GROUND
    for x, y in [(40, 40), (180, 50), (50, 170), (170, 190), (110, 30)]:
        cv2.circle(image, (x, y), 18, RED_CELL, -1, cv2.LINE_AA)
    cv2.circle(image, (side // 2, side // 2), 34, CYTOPLASM, -1, cv2.LINE_AA)
    cv2.circle(image, (side // 2, side // 2), 22, NUCLEUS, -1, cv2.LINE_AA)
    return torch.from_numpy(image).permute(2, 0, 1)[None] * light


@pytest.fixture
def prior():
    torch.manual_seed(0)
    return SaliencyPrior(8).eval()


def test_saliency_is_a_map_at_stride_four_between_nought_and_one(prior):
    saliency = prior(torch.rand(2, 3, 96, 96))
    assert saliency.shape == (2, 1, 24, 24)
    assert saliency.dtype == torch.float32
    assert saliency.min() >= 0
    assert saliency.max() <= 1


def test_an_untrained_prior_finds_the_white_cell(prior):
    saliency = prior(smear())[0, 0]
    nucleus, cytoplasm = saliency[CENTRE], saliency[28, 35]
    red_cell, ground = saliency[10, 10], saliency[2, 28]
    assert nucleus > 0.9
    assert cytoplasm > 0.6
    assert red_cell < 0.5 * cytoplasm
    assert ground < 0.15


@pytest.mark.parametrize("light", [0.5, 0.7, 0.9, 1.1])
def test_brightness_hardly_moves_the_saliency(prior, light):
    assert (prior(smear()) - prior(smear(light=light))).abs().mean() < 0.02


@pytest.mark.parametrize("tint", [(1.0, 0.9, 0.6), (0.7, 0.8, 1.0)])
def test_coloured_light_hardly_moves_the_saliency(prior, tint):
    tinted = smear() * torch.tensor(tint).reshape(1, 3, 1, 1)
    assert (prior(smear()) - prior(tinted)).abs().mean() < 0.03


def test_white_margin_is_not_salient(prior):
    image = smear()
    image[:, :, :28] = image[:, :, -28:] = 1.0
    saliency = prior(image)
    assert cues(image)[:, :, :7].eq(0).all()
    assert saliency[:, :, :7].max() < 0.1
    assert saliency[0, 0][CENTRE] > 0.9


@pytest.mark.parametrize("level", [0.0, 1.0, 0.5])
def test_flat_images_are_finite_with_finite_gradients_and_not_salient(prior, level):
    image = torch.full((1, 3, 64, 64), level, requires_grad=True)
    saliency = prior(image)
    saliency.sum().backward()
    assert saliency.max() < 0.1
    assert torch.isfinite(image.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in prior.parameters())


def test_black_and_white_in_one_image_is_finite(prior):
    image = torch.zeros(1, 3, 64, 64)
    image[:, :, ::2] = 1.0
    image.requires_grad_()
    prior(image).sum().backward()
    assert torch.isfinite(image.grad).all()


def test_stains_are_told_apart():
    """Mixtures along the two measured stain vectors give back how much of each went in."""
    nuclear = torch.tensor([0.43, 0.87, 0.20])
    red_cell = torch.tensor([0.38, 0.73, 0.57])
    nuclear, red_cell = nuclear / nuclear.norm(), red_cell / red_cell.norm()
    amounts = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 0.8], [0.6, 0.3]])
    density = amounts[:, :1] * nuclear + amounts[:, 1:] * red_cell
    passed = (10.0**-density)[:, :, None, None]
    found = torch.cat(stain_densities(passed), dim=1)[:, :, 0, 0]
    torch.testing.assert_close(found, amounts, atol=2e-3, rtol=0)


def test_what_is_brighter_than_the_ground_holds_no_stain():
    passed = torch.tensor([[1.3, 1.2, 1.1], [1.0, 1.0, 1.4]]).reshape(2, 3, 1, 1)
    assert all(density.eq(0).all() for density in stain_densities(passed))


def test_gradient_of_the_contrast_is_finite_where_there_is_none():
    passed = torch.zeros(1, 3, 2, 2, requires_grad=True)
    sum(part.sum() for part in colour_contrast(passed)).backward()
    assert torch.isfinite(passed.grad).all()


def test_a_weak_stain_counts_like_a_strong_one():
    density = torch.zeros(1, 1, 16, 16)
    density[:, :, 4:8, 4:8] = 1.5
    strong, weak = relative_to_field(density), relative_to_field(density * 0.5)
    assert weak.max() > 0.9 * strong.max()
    assert relative_to_field(density * 0.01).max() < 0.2


def test_cues_in_their_order():
    maps = cues(smear())[0]
    assert maps.shape == (len(CUES), 56, 56)
    nucleus, red_cell = maps[(slice(None), *CENTRE)], maps[:, 10, 10]
    assert nucleus[CUES.index("nuclear density")] > 5 * red_cell[CUES.index("nuclear density")]
    assert red_cell[CUES.index("red-cell density")] > nucleus[CUES.index("red-cell density")]


def test_lightness_and_chroma_are_distances_from_the_ground():
    image = torch.full((1, 3, 32, 32), 0.8)
    image[:, :, :8, :8] = 0.4
    darkening, chroma = cues(image)[0, :2]
    light = colour.to_linear(torch.tensor([0.4, 0.8]))
    expected = 1 - (116 * (light[0] / light[1]) ** (1 / 3) - 16) / 100
    assert darkening[0, 0].item() == pytest.approx(expected.item(), abs=0.02)
    assert chroma.max() < 0.02


def test_refinement_can_learn(prior):
    image = smear()
    prior.train()
    prior(image).mean().backward()
    assert prior.refine[-1].weight.grad.abs().sum() > 0


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
def test_gate_lifts_cells_and_lowers_ground(stride):
    gate = SaliencyGate(5, stride)
    saliency = torch.zeros(1, 1, 16, 16)
    saliency[..., :8] = 1.0
    side = 64 // stride
    gated = gate(torch.ones(2, 5, side, side), saliency)
    assert gated.shape == (2, 5, side, side)
    torch.testing.assert_close(gated[..., 0], torch.full((2, 5, side), 1.4621), atol=1e-3, rtol=0)
    torch.testing.assert_close(gated[..., -1], torch.full((2, 5, side), 0.5379), atol=1e-3, rtol=0)


def test_real_cells_stand_out_before_any_training(shared_data, prior):
    """Mean saliency on the white cell over that on the rest, eight fields of bccd: a prior worth the name."""
    from leukoscope.images.contract import Contract, mask_to_square, place
    from leukoscope.images.decode import read_image, read_mask

    contract = Contract(224)
    inside, outside = [], []
    for mask_path in sorted((shared_data / "bccd" / "masks").iterdir())[::32]:
        image_path = next((shared_data / "bccd" / "images").glob(f"{mask_path.stem}.*"))
        square, _ = place(read_image(image_path), contract)
        mask = torch.from_numpy(mask_to_square(read_mask(mask_path), contract))
        saliency = prior(torch.from_numpy(square).permute(2, 0, 1)[None] / 255)
        cell = torch.nn.functional.avg_pool2d((mask[None, None] > 0).float(), 4) > 0.5
        inside.append(saliency[cell])
        outside.append(saliency[~cell])
    assert torch.cat(inside).mean() > 3 * torch.cat(outside).mean()
