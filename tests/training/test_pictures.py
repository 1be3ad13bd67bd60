import hashlib

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.opencv import cv2
from leukoscope.training.pictures import (
    LARGEST_CACHED_SIDE_PX,
    SMALLEST_LEVEL_PX,
    cells_of_mask,
    hashes_by_group,
    load_pictures,
    open_source,
    picture_of,
    pyramid,
    read_label_maps,
)


def test_pictures_carry_pixels_target_group_and_the_hash_of_their_file(cells_folder):
    source = open_source(cells_folder, "sg_cldff", CELL_TYPES)
    pictures = load_pictures(source, source.images.items)
    assert len(pictures) == 16
    for index, (picture, item) in enumerate(zip(pictures, source.images.items, strict=True)):
        assert picture.sha256 == hashlib.sha256(item.path.read_bytes()).hexdigest()
        assert np.array_equal(picture.levels[0], cv2.imread(str(item.path))[..., ::-1])
        assert picture.target == (index % len(CELL_TYPES),)
        assert picture.group == f"cells/{item.group}" and picture.origin == "cells"
        assert set(np.unique(picture.mask)) == {0, 1, 2}
        assert len(picture.cells) == 1 and picture.cells[0].target == picture.target


def test_a_label_map_may_allow_several_classes_or_none(tmp_path, cells_writer):
    root = cells_writer(tmp_path / "set", 4)
    (root / "labels.csv").write_text("image,label\n00.png,blast\n01.png,normal\n02.png,\n")
    source = open_source(root, "sg_cldff", CELL_TYPES)
    blast, normal, empty, absent = (source.target(item) for item in source.images.items)
    assert blast == (CELL_TYPES.index("blast"),) and empty == absent == ()
    assert set(normal) == set(range(len(CELL_TYPES))) - set(blast)


def test_labels_that_no_map_knows_are_named(tmp_path, stages_writer):
    root = stages_writer(tmp_path / "set", 1)
    (root / "Early").rename(root / "Earlier")
    with pytest.raises(InputError, match="Earlier"):
        open_source(root, "xincept_all", STAGES)


def test_given_maps_go_before_the_built_in_ones(tmp_path, stages_writer):
    root = stages_writer(tmp_path / "set", 1)
    (root / "Early").rename(root / "L1")
    file = tmp_path / "map.toml"
    pairs = 'Benign = "Early"\nL1 = ["Early", "Pre"]\nPre = "Pre"\nPro = "Pro"\n'
    file.write_text(f'name = "ours"\nnetwork = "xincept_all"\n[targets]\n{pairs}')
    maps = read_label_maps([file], "xincept_all")
    source = open_source(root, "xincept_all", STAGES, maps)
    assert source.labels.name == "ours"
    assert {item.label: source.target(item) for item in source.images.items} == {
        "Benign": (1,),
        "L1": (1, 2),
        "Pre": (2,),
        "Pro": (3,),
    }
    other = stages_writer(tmp_path / "other", 1)
    (other / "Pro").rename(other / "Stranger")
    with pytest.raises(InputError, match="Stranger"):
        open_source(other, "xincept_all", STAGES, maps)
    with pytest.raises(InputError, match="ours is for xincept_all; wanted one for sg_cldff"):
        read_label_maps([file], "sg_cldff")


def test_a_mask_of_another_size_is_named(tmp_path, cells_writer):
    root = cells_writer(tmp_path / "set", 2)
    cv2.imwrite(str(root / "masks" / "01.png"), np.zeros((60, 64), np.uint8))
    source = open_source(root, "sg_cldff", CELL_TYPES)
    with pytest.raises(InputError, match=r"01\.png is 64 x 60 px.*64 x 64 px"):
        load_pictures(source, source.images.items)


def test_the_pyramid_halves_by_means_and_stops_before_it_is_tiny(rng):
    image = rng.integers(0, 256, (400, 300, 3), dtype=np.uint8)
    levels = pyramid(image)
    assert [level.shape[:2] for level in levels] == [(400, 300), (200, 150), (100, 75)]
    assert min(levels[-1].shape[:2]) >= SMALLEST_LEVEL_PX
    by_hand = image.astype(float).reshape(200, 2, 150, 2, 3).mean((1, 3))
    assert np.abs(levels[1] - by_hand).max() <= 1


def test_large_images_are_reduced_with_their_masks(tmp_path, cells_writer, make_disc):
    root = cells_writer(tmp_path / "set", 1)
    image, mask = make_disc(1200, 300)
    cv2.imwrite(str(root / "images" / "00.png"), image[:900, :, ::-1])
    cv2.imwrite(str(root / "masks" / "00.png"), np.array([0, 128, 255], np.uint8)[mask[:900]])
    source = open_source(root, "sg_cldff", CELL_TYPES)
    (picture,) = load_pictures(source, source.images.items)
    assert picture.size_px == (LARGEST_CACHED_SIDE_PX, 600) and picture.mask.shape == (600, 800)
    assert (picture.mask == 2).mean() == pytest.approx((mask[:900] == 2).mean(), abs=0.002)


def test_cells_of_a_mask_by_hand():
    mask = np.zeros((60, 80), np.uint8)
    mask[10:30, 10:30] = 1
    mask[15:25, 15:25] = 2
    mask[40:50, 50:60] = 2
    mask[0:2, 70:72] = 1  # a speck
    large, small = cells_of_mask(mask, (4,))
    assert large.centre_px == pytest.approx((19.5, 19.5))
    assert small.centre_px == pytest.approx((54.5, 44.5))
    assert large.diameter_px == pytest.approx(np.sqrt(400 * 4 / np.pi))
    assert large.target == small.target == ()  # two cells: nobody knows whose label it is
    mask[40:50, 50:60] = 0
    (alone,) = cells_of_mask(mask, (4,))
    assert alone.target == (4,)
    assert cells_of_mask(np.zeros((9, 9), np.uint8), (4,)) == ()


def test_hashes_by_group_keep_every_picture():
    image = np.zeros((40, 40, 3), np.uint8)
    rows = [("b", "2"), ("a", "9"), ("b", "1"), ("b", "1")]
    pictures = [picture_of(image, None, (), group=g, sha256=s) for g, s in rows]
    assert hashes_by_group(pictures) == {"a": ["9"], "b": ["1", "1", "2"]}
