import numpy as np
import pytest

from leukoscope.runtime.slide.overlap import agreement, common, ncc, overlap_share

random = np.random.default_rng(1)
A = random.normal(size=(192, 256)).astype(np.float32)
B = random.normal(size=(192, 256)).astype(np.float32)


@pytest.mark.parametrize("shift", [(0, 0), (100, -50), (-200, 120), (240, 180)])
def test_the_common_parts_lie_on_each_other(shift):
    plane = np.arange(800 * 800, dtype=np.float32).reshape(800, 800)
    x, y = shift
    first, second = plane[250:442, 250:506], plane[250 + y : 442 + y, 250 + x : 506 + x]
    parts = common(first, second, shift)
    assert np.array_equal(*parts)
    expected = (256 - abs(x)) * (192 - abs(y)) / (256 * 192)
    assert overlap_share(first, second, shift) == pytest.approx(expected)


@pytest.mark.parametrize("shift", [(250, 0), (0, 190), (300, 300), (-256, 0)])
def test_too_narrow_is_none(shift):
    assert common(A, A, shift) is None
    assert overlap_share(A, A, shift) == 0


def test_ncc_knows_same_opposite_and_strange():
    assert ncc(A, 3 * A) == pytest.approx(1)
    assert ncc(A, -A) == pytest.approx(-1)
    assert abs(ncc(A, B)) < 0.03
    assert ncc(A, np.zeros_like(A)) == 0


def test_specks_at_one_place_raise_the_whole_but_not_the_blocks():
    one, other = 0.5 * A, 0.5 * B
    for at in (20, 150):
        one[at : at + 12, at : at + 12] = other[at : at + 12, at : at + 12] = 12
    found = agreement(one, other)
    assert found.ncc > 0.7
    assert found.block_ncc < 0.2


def test_same_pictures_agree_everywhere():
    found = agreement(A, A)
    assert found.block_ncc == pytest.approx(1, abs=1e-3)
    assert found.evidence_blocks > 50


def test_empty_pictures_are_no_evidence():
    assert (
        agreement(np.zeros((48, 48), np.float32), np.zeros((48, 48), np.float32)).evidence_blocks
        == 0
    )
