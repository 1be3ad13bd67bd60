import torch

from leukoscope.models.fusion import ChannelAttention, FusionBlock, Incoming, PlainConcatenation
from leukoscope.models.grid import Grid

LEFT = Incoming(24, Grid(7, 21.5, 16.0))
RIGHT = Incoming(40, Grid(9, 3.5, 16.0))
ONTO = Grid.even(139, 16)


def maps():
    return torch.rand(2, 24, 7, 7), torch.rand(2, 40, 9, 9)


def test_a_fusion_block_gives_one_non_negative_map_on_its_grid():
    block = FusionBlock([LEFT, RIGHT], ONTO, 16).eval()
    out = block(maps())
    assert out.shape == (2, 16, 9, 9) == (2, block.out_channels, ONTO.cells, ONTO.cells)
    assert out.min() >= 0


def test_both_maps_and_all_weights_count():
    block = FusionBlock([LEFT, RIGHT], ONTO, 16).train()
    left, right = (x.requires_grad_() for x in maps())
    block((left, right)).square().sum().backward()
    assert left.grad.any() and right.grad.any()
    assert all(p.grad is not None and p.grad.any() for p in block.parameters())


def test_a_single_map_can_be_fused():
    assert FusionBlock([RIGHT], ONTO, 16)(maps()[1:]).shape == (2, 16, 9, 9)


def test_plain_concatenation_learns_nothing():
    plain = PlainConcatenation([LEFT, RIGHT], ONTO)
    out = plain(maps())
    assert out.shape == (2, 64, 9, 9) == (2, plain.out_channels, 9, 9)
    assert not list(plain.parameters())


def test_a_spot_seen_by_both_trunks_lands_in_one_place():
    """A cell of each map over the same pixel (69.5) goes to the cell of the fused grid over that pixel."""
    left, right = torch.zeros(1, 24, 7, 7), torch.zeros(1, 40, 9, 9)
    left[..., 3, 3] = 1
    right[..., 4, 4] = 1
    out = PlainConcatenation([LEFT, RIGHT], ONTO)((left, right))
    peak = [divmod(out[0, channel].argmax().item(), 9) for channel in (0, 24)]
    assert LEFT.grid.centres_px()[3] == 69.5
    assert peak == [(4, 4), (4, 4)]


def test_attention_weighs_whole_channels_by_less_than_one():
    attention = ChannelAttention(16)
    x = torch.rand(2, 16, 5, 5) + 0.1
    weights = attention(x) / x
    assert torch.allclose(weights, weights[..., :1, :1].expand_as(weights))
    assert weights.min() > 0 and weights.max() < 1
