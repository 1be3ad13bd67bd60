import torch

from leukoscope.models.decoder import Evidence, MaskDecoder


def fused(requires_grad=False):
    return [torch.rand(2, 16, g, g, requires_grad=requires_grad) for g in (16, 8, 4, 2)]


def test_mask_logits_at_full_resolution():
    decoder = MaskDecoder(16, 8, (12, 8), 64)
    assert decoder(fused(), torch.rand(2, 8, 32, 32)).shape == (2, 3, 64, 64)


def test_mask_sees_the_skip_and_every_level():
    decoder = MaskDecoder(16, 8, (12, 8), 64).eval()
    levels, skip = fused(requires_grad=True), torch.rand(2, 8, 32, 32, requires_grad=True)
    decoder(levels, skip).square().sum().backward()
    assert skip.grad.abs().sum() > 0
    assert all(x.grad.abs().sum() > 0 for x in levels)


def test_skip_reaches_the_outline_within_three_places():
    """A change of one place of the skip moves the mask near it and nowhere else: outlines stay sharp."""
    decoder = MaskDecoder(16, 8, (12, 8), 64).eval()
    levels, skip = fused(), torch.rand(2, 8, 32, 32)
    other = skip.clone()
    other[:, :, 16, 16] += 5.0
    with torch.no_grad():
        moved = (decoder(levels, skip) - decoder(levels, other)).abs().amax((0, 1)) > 1e-6
    rows, columns = torch.nonzero(moved, as_tuple=True)
    assert len(rows) > 0
    assert rows.min() >= 32 - 6
    assert rows.max() <= 33 + 6
    assert columns.min() >= 32 - 6
    assert columns.max() <= 33 + 6


def test_logits_are_float32_under_autocast():
    decoder = MaskDecoder(16, 8, (12, 8), 64)
    with torch.autocast("cpu", torch.bfloat16):
        assert decoder(fused(), torch.rand(2, 8, 32, 32)).dtype == torch.float32


def test_evidence_is_not_negative_and_sees_every_level():
    evidence = Evidence([16, 16, 16, 40], 24, 8).eval()
    deep = torch.rand(2, 40, 2, 2, requires_grad=True)
    levels = [*fused(requires_grad=True)[1:], deep]
    target = evidence(levels)
    assert target.shape == (2, 24, 8, 8)
    assert target.min() >= 0
    target.sum().backward()
    assert all(x.grad.abs().sum() > 0 for x in levels)
