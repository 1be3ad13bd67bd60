import numpy as np
import pytest

from leukoscope.training.mixing import KIND_SHARES, draw_shares


def kinds(make_picture, **counts):
    made = []
    for name, count in counts.items():
        masked = not name.startswith("classes")
        made += [make_picture(masked=masked, origin=name) for _ in range(count)]
    return made


def test_each_kind_gets_its_share_whatever_the_numbers(make_picture):
    pictures = kinds(make_picture, masks=3, classes=40, painted=9)
    shares = draw_shares(pictures)
    assert shares.sum() == pytest.approx(1)
    for kind, wanted in KIND_SHARES.items():
        found = sum(s for s, p in zip(shares, pictures, strict=True) if p.origin == kind)
        assert found == pytest.approx(wanted)


def test_folders_of_one_kind_share_by_the_root_of_their_sizes(make_picture):
    pictures = kinds(make_picture, masks_small=4, masks_large=64)
    shares = draw_shares(pictures)
    small = shares[:4].sum()
    assert (1 - small) / small == pytest.approx(np.sqrt(64 / 4))
    assert shares.sum() == pytest.approx(1)
