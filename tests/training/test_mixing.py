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


def test_rare_labels_of_a_folder_are_drawn_more_often(make_picture):
    pictures = [make_picture((0,)) for _ in range(16)] + [make_picture((1,)) for _ in range(4)]
    shares = draw_shares(pictures)
    assert shares[:16].sum() / shares[16:].sum() == pytest.approx(2)
    assert np.allclose(draw_shares(pictures, balanced=False), 1 / 20)


def test_a_mask_that_nobody_drew_makes_no_mask_set(make_picture):
    pictures = [make_picture(origin="masks"), make_picture(origin="classes", drawn=False)]
    shares = draw_shares(pictures)
    assert shares[0] / shares[1] == pytest.approx(KIND_SHARES["masks"] / KIND_SHARES["classes"])
