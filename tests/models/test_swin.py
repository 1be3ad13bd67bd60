import math

import pytest
import torch

from leukoscope.models.swin import (
    SwinBlock,
    SwinStage,
    WindowAttention,
    from_windows,
    relative_index,
    to_windows,
    window_mask,
)

WINDOW = 4


def test_windows_hold_neighbouring_places_and_come_back():
    x = torch.arange(2 * 8 * 8 * 3, dtype=torch.float32).reshape(2, 8, 8, 3)
    windows = to_windows(x, WINDOW)
    assert windows.shape == (2, 4, 16, 3)
    torch.testing.assert_close(windows[1, 2].reshape(4, 4, 3), x[1, 4:8, 0:4])
    torch.testing.assert_close(from_windows(windows, 8, WINDOW), x)


def test_relative_index_goes_by_offset_only():
    index = relative_index(3).reshape(9, 9)
    assert index.max() == 24
    assert index.min() == 0
    pairs = {}
    for i in range(9):
        for j in range(9):
            offset = (i // 3 - j // 3, i % 3 - j % 3)
            assert pairs.setdefault(offset, index[i, j].item()) == index[i, j].item()
    assert len(set(pairs.values())) == len(pairs) == 25


def brute_force_attention(block, x):
    """Each place of the grid by itself: who shares its shifted window without wrapping, bias by offset, softmax."""
    side, window, shift, attention = block.side, block.window, block.shift, block.attention
    channels, heads = x.shape[-1], attention.heads
    per_head = channels // heads
    query, key, value = attention.qkv(x).reshape(side, side, 3, heads, per_head).unbind(2)
    table = attention.bias_table.reshape(2 * window - 1, 2 * window - 1, heads)

    def home(place):
        """Number of the window that a place lies in once the grid has been moved up and left by `shift`."""
        return math.floor((place - shift) / window)

    mixed = torch.zeros(side, side, heads, per_head)
    for row in range(side):
        for column in range(side):
            seen = [
                (r, c)
                for r in range(side)
                for c in range(side)
                if home(r) == home(row) and home(c) == home(column)
            ]
            for head in range(heads):
                scores = torch.stack(
                    [
                        query[row, column, head] @ key[r, c, head] / per_head**0.5
                        + table[row - r + window - 1, column - c + window - 1, head]
                        for r, c in seen
                    ]
                )
                weights = scores.softmax(0)
                values = torch.stack([value[r, c, head] for r, c in seen])
                mixed[row, column, head] = weights @ values
    return attention.project(mixed.reshape(side, side, channels))


@pytest.mark.parametrize("side", [3, 4, 6, 8])
@pytest.mark.parametrize("shifted", [False, True])
@torch.no_grad()
def test_windowed_attention_is_brute_force_attention(side, shifted):
    """Divided and undivided grids, a grid smaller than the window, shifted and not."""
    torch.manual_seed(side)
    block = SwinBlock(8, 2, side=side, window=WINDOW, shifted=shifted, ratio=2)
    torch.nn.init.normal_(block.attention.bias_table)
    torch.nn.init.normal_(block.attention.qkv.weight)
    x = torch.randn(1, side, side, 8)
    expected = brute_force_attention(block, x[0])
    torch.testing.assert_close(block._attend(x)[0], expected, atol=1e-5, rtol=1e-5)


def test_no_shift_where_one_window_covers_the_grid():
    assert SwinBlock(8, 2, side=4, window=4, shifted=True, ratio=2).shift == 0
    assert SwinBlock(8, 2, side=5, window=4, shifted=True, ratio=2).shift == 2


@pytest.mark.parametrize(("side", "padded", "shift"), [(14, 14, 3), (10, 14, 0), (16, 21, 3)])
def test_mask_is_symmetric_and_everyone_sees_someone(side, padded, shift):
    mask = window_mask(side, padded, 7, shift)
    assert mask.shape == ((padded // 7) ** 2, 1, 49, 49)
    assert torch.equal(mask, mask.transpose(2, 3))
    assert mask.diagonal(dim1=2, dim2=3).eq(0).all()


def test_unshifted_whole_grid_has_no_mask():
    assert window_mask(14, 14, 7, 0).eq(0).all()


def test_blocks_of_a_stage_alternate():
    stage = SwinStage(8, 16, 3, heads=2, side=8, window=4)
    assert [block.shift for block in stage.blocks.blocks] == [0, 2, 0]
    assert stage(torch.rand(2, 8, 16, 16)).shape == (2, 16, 8, 8)


def test_weights_do_not_depend_on_the_grid():
    small = SwinStage(8, 16, 2, heads=2, side=7, window=7)
    large = SwinStage(8, 16, 2, heads=2, side=10, window=7)
    large.load_state_dict(small.state_dict())
    assert not [name for name in small.state_dict() if "mask" in name or "relative" in name]


def test_attention_is_finite_in_half_precision():
    attention = WindowAttention(8, 2, WINDOW).half()
    mask = window_mask(6, 8, WINDOW, 2).half()
    y = attention(torch.randn(1, 4, 16, 8).half() * 8, mask)
    assert torch.isfinite(y).all()
