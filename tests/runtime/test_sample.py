import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import Item
from leukoscope.runtime.sample import is_excluded, read_sample

MAP = LabelMap("m", "sg_cldff", {"L": ("lymphocyte",), "N": ("neutrophil",), "bad": ()})


def item(path: Path, label: str | None, mask: Path | None = None) -> Item:
    return Item(path, path.name, label, mask, "g")


@pytest.mark.parametrize(
    ("label", "target", "excluded"),
    [
        ("L", ("lymphocyte",), False),
        ("L, N", None, True),
        ("bad", None, True),
        ("", None, True),
        (None, None, False),
    ],
)
def test_what_a_label_means(image_folder, label, target, excluded):
    one = item(image_folder("a.png"), label)
    sample = read_sample(one, MAP)
    assert (sample.target, sample.excluded) == (target, excluded)
    assert is_excluded(one, MAP) == excluded and not is_excluded(one, None)


def test_the_file_is_hashed_and_decoded_and_the_mask_indexed(image_folder, tmp_path):
    path = image_folder("a.png", 3)
    mask = tmp_path / "a-mask.png"
    cv2.imwrite(str(mask), np.full((48, 64), 128, np.uint8))
    sample = read_sample(item(path, "L", mask), MAP)
    assert sample.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert np.array_equal(sample.pixels, cv2.imread(str(path))[:, :, ::-1])
    assert (sample.mask == 1).all()
    assert (sample.group, sample.path) == ("g", path)
    bare = sample.without_pixels()
    assert bare.pixels.size == 0 and bare.mask is None and bare.sha256 == sample.sha256


def test_a_mask_that_cannot_be_read_makes_the_sample_unreadable(image_folder, tmp_path):
    mask = tmp_path / "m.png"
    mask.write_text("no mask")
    with pytest.raises(InputError, match=r"m\.png"):
        read_sample(item(image_folder("a.png"), "L", mask), MAP)


@pytest.mark.parametrize(
    ("level", "noise", "blank"), [(0, 0, True), (255, 0, True), (128, 9, False)]
)
def test_a_picture_of_one_colour_shows_nothing(image_folder, level, noise, blank):
    path = image_folder("a.png")
    rng = np.random.default_rng(0)
    pixels = np.full((48, 64, 3), level) + rng.integers(0, noise + 1, (48, 64, 3))
    cv2.imwrite(str(path), pixels.astype(np.uint8))
    assert read_sample(item(path, "L"), MAP).is_blank == blank
