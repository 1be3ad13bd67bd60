import pytest
import torch

from leukoscope.models.efficient_swin import EfficientSwin
from leukoscope.models.mbconv import MBConvStage
from leukoscope.models.sg_cldff_config import STRIDES, SgCldffConfig
from leukoscope.models.swin import SwinBlocks, SwinStage

TINY = {
    "input_px": 64,
    "channels": (8, 8, 16, 16, 32),
    "stem_channels": 8,
    "middle_channels": 16,
    "depths": (1, 1, 1, 1),
    "swin_depths": (2, 1),
    "head_channels": 8,
}


@pytest.mark.parametrize("swin", [True, False])
@pytest.mark.parametrize("saliency", [True, False])
@torch.no_grad()
def test_five_maps_at_five_strides(swin, saliency):
    backbone = EfficientSwin(SgCldffConfig(**TINY, swin=swin, saliency=saliency))
    maps = backbone(torch.randn(2, 3, 64, 64), torch.rand(2, 1, 16, 16))
    expected = [(2, c, 64 // s, 64 // s) for c, s in zip(TINY["channels"], STRIDES, strict=True)]
    assert [tuple(x.shape) for x in maps] == expected


def test_deep_stages_are_swin_unless_switched_off():
    stages = EfficientSwin(SgCldffConfig(**TINY)).stages
    assert [type(stage) for stage in stages[:3]] == [MBConvStage] * 3
    assert [type(part) for part in stages[3]] == [MBConvStage, MBConvStage, SwinBlocks]
    assert type(stages[4]) is SwinStage
    plain = EfficientSwin(SgCldffConfig(**TINY, swin=False))
    assert not any(isinstance(part, SwinBlocks | SwinStage) for part in plain.modules())
    assert type(plain.stages[4]) is MBConvStage


@torch.no_grad()
def test_saliency_guides_all_levels_but_the_outline():
    backbone = EfficientSwin(SgCldffConfig(**TINY)).eval()
    x = torch.randn(1, 3, 64, 64)
    dark, lit = (backbone(x, torch.full((1, 1, 16, 16), level)) for level in (0.0, 1.0))
    same = [torch.allclose(a, b) for a, b in zip(dark, lit, strict=True)]
    assert same == [True, False, False, False, False]


@torch.no_grad()
def test_without_saliency_nothing_is_gated():
    backbone = EfficientSwin(SgCldffConfig(**TINY, saliency=False)).eval()
    x = torch.randn(1, 3, 64, 64)
    dark, lit = (backbone(x, torch.full((1, 1, 16, 16), level)) for level in (0.0, 1.0))
    assert all(torch.equal(a, b) for a, b in zip(dark, lit, strict=True))
    assert not list(backbone.gates.parameters())
