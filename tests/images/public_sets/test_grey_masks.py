import cv2
import numpy as np
import pytest
from fake_files import write_image, write_mask
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.decode import read_mask
from leukoscope.images.public_sets.grey_masks import (
    Levels,
    coded_mask,
    encode_png,
    find_levels,
)

SIZE = (48, 40)


@pytest.mark.parametrize("levels", [(0, 128, 255), (0, 150, 255), (0, 1, 2), (10, 90, 91)])
@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_any_three_levels_become_ours_from_dark_to_light(tmp_path, levels, ending):
    path = tmp_path / f"m.{ending}"
    mask = write_mask(path, levels)
    found = find_levels([path])
    assert found == Levels(*levels)
    got = coded_mask(path, found, SIZE, 0)
    wanted = np.array([0, 128, 255], np.uint8)[np.searchsorted(levels, mask)]
    assert np.array_equal(got, wanted)
    out = tmp_path / "ours.png"
    out.write_bytes(encode_png(got))
    assert np.array_equal(read_mask(out, SIZE), np.searchsorted(levels, mask))


def test_the_set_decides_on_its_levels_not_one_odd_mask(tmp_path):
    paths = [tmp_path / f"{k}.png" for k in range(5)]
    for path in paths[:4]:
        write_mask(path, (0, 150, 255))
    write_mask(paths[4], (0, 150, 250))
    levels = find_levels(paths)
    assert levels == Levels(0, 150, 255)
    with pytest.raises(InputError, match=r"4\.png has the grey level 250"):
        coded_mask(paths[4], levels, SIZE, 0)


def test_a_mask_without_a_nucleus_keeps_its_cytoplasm(tmp_path):
    for k in range(3):
        write_mask(tmp_path / f"{k}.png", (0, 150, 255))
    write_mask(tmp_path / "bare.png", (0, 150, 150))
    levels = find_levels(sorted(tmp_path.iterdir()))
    got = coded_mask(tmp_path / "bare.png", levels, SIZE, 0)
    assert np.unique(got).tolist() == [0, 128]


def test_masks_of_one_structure_are_refused(tmp_path):
    write_mask(tmp_path / "a.png", (0, 255, 255))
    with pytest.raises(InputError, match=r"grey levels 0, 255 in common.*without the masks"):
        find_levels([tmp_path / "a.png"])


def test_masks_that_were_resized_are_refused(tmp_path):
    mask = write_mask(tmp_path / "a.png")
    write_image(tmp_path / "a.png", cv2.resize(mask, (75, 61), interpolation=cv2.INTER_LINEAR))
    with pytest.raises(InputError, match="grey levels 0, "):
        find_levels([tmp_path / "a.png"])


def test_masks_that_cannot_be_read_do_not_count_for_the_levels(tmp_path):
    write_mask(tmp_path / "a.png")
    for k in range(3):
        (tmp_path / f"b{k}.png").write_bytes(b"words")
    assert find_levels(sorted(tmp_path.iterdir())) == Levels(0, 128, 255)
    with pytest.raises(InputError, match="0 masks"):
        find_levels([tmp_path / "b0.png"])


def test_colours_are_no_mask(tmp_path):
    write_image(tmp_path / "a.png", np.full((40, 48, 3), (10, 20, 30), np.uint8))
    with pytest.raises(InputError, match="colours"):
        coded_mask(tmp_path / "a.png", Levels(0, 1, 2), SIZE, 0)


@given(st.integers(0, 3), st.integers(-2, 12), st.integers(-2, 12))
def test_only_the_sets_own_margin_is_added(tmp_path_factory, margin, wider, higher):
    path = tmp_path_factory.mktemp("m") / "m.png"
    mask = write_mask(path)
    size = (SIZE[0] + wider, SIZE[1] + higher)
    if (wider, higher) not in ((0, 0), (2 * margin, 2 * margin)):
        with pytest.raises(InputError, match="wanted its image's size"):
            coded_mask(path, Levels(0, 128, 255), size, margin)
        return
    got = coded_mask(path, Levels(0, 128, 255), size, margin)
    assert got.shape == size[::-1]
    edge = wider // 2
    assert np.array_equal(got[edge : edge + 40, edge : edge + 48], mask)
    assert int((got > 0).sum()) == int((mask > 0).sum())
