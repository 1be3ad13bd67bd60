import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.export.frames import _spread, painted_frames, real_frames
from leukoscope.images.contract import Contract
from leukoscope.images.layouts import Item
from leukoscope.images.opencv import cv2


@pytest.mark.parametrize("network", ["xincept_all", "sg_cldff"])
def test_painted_frames_are_always_the_same(network):
    contract = Contract(64)
    first, again = (painted_frames(network, contract, 3, seed=9) for _ in range(2))
    assert (first.shape, first.dtype) == ((3, 64, 64, 3), np.uint8)
    assert np.array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, painted_frames(network, contract, 3, seed=10))


def write_images(root, names):
    for index, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((60, 80, 3), (0, 0, index * 10), np.uint8))


def test_real_frames_come_from_every_label(tmp_path):
    write_images(tmp_path, [f"{label}/{index}.png" for label in "abc" for index in range(6)])
    frames = real_frames(tmp_path, Contract(40), limit=5)
    assert frames.shape == (5, 40, 40, 3)
    assert sorted(frames[:, 20, 20, 0] // 60) == [0, 0, 1, 1, 2]


def test_a_small_folder_gives_what_it_has(tmp_path):
    write_images(tmp_path, ["a/1.png", "b/1.png", "b/2.png"])
    assert len(real_frames(tmp_path, Contract(40), limit=10)) == 3


def test_images_of_a_label_are_spread_from_first_to_last():
    items = [Item(None, str(index), "a", None, "g") for index in range(100)]
    assert [item.name for item in _spread(items, 4)] == ["0", "25", "50", "75"]


def test_a_bad_image_is_named(tmp_path):
    write_images(tmp_path, ["a/1.png"])
    (tmp_path / "a" / "2.png").write_text("no picture")
    with pytest.raises(InputError, match=r"2\.png"):
        real_frames(tmp_path, Contract(40))


def test_no_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        real_frames(tmp_path / "none", Contract(40))
