import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.decode import read_image, read_mask
from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.field import paint_field
from leukoscope.images.painter.folders import SEEDS_APART, write_class_set, write_mask_set


def test_a_class_set_is_read_back_as_it_was_painted(tmp_path):
    write_class_set(tmp_path, 2, seed=3, size_px=(64, 48))
    images = read_image_set(tmp_path)
    assert images.layout == "classes" and len(images.items) == 8
    assert {item.label for item in images.items} == set(STAGES)
    second = paint_field("Pre", 3 * SEEDS_APART + 1, (64, 48))
    assert np.array_equal(read_image(tmp_path / "Pre" / "field-0001.png"), second.image)


def test_a_mask_set_is_read_back_with_its_masks_and_labels(tmp_path):
    write_mask_set(tmp_path, 10, seed=1, cell_size_px=64)
    images = read_image_set(tmp_path)
    assert images.layout == "masks"
    assert [item.label for item in images.items] == [*CELL_TYPES, *CELL_TYPES[:2]]
    assert find_label_map(set(CELL_TYPES), "sg_cldff").target("blast") == ("blast",)
    for item in images.items:
        mask, image = read_mask(item.mask), read_image(item.path)
        assert mask.shape == image.shape[:2]
        assert bool(mask.any()) == (item.label != "other")
        assert image.shape == ((64, 64, 3) if item.name < "field-0008" else (480, 640, 3))


def test_different_seeds_write_different_fields(tmp_path):
    for seed in (1, 2):
        write_class_set(tmp_path / str(seed), 1, seed, size_px=(40, 40))
    one, two = (tmp_path / s / "Pro" / "field-0000.png" for s in "12")
    assert one.read_bytes() != two.read_bytes()


def test_progress_sees_every_field(tmp_path):
    class Counting:
        seen = 0

        def track(self, items, what, total=None):
            for item in items:
                self.seen += 1
                yield item

        def status(self, text): ...

        def note(self, text): ...

    counting = Counting()
    write_class_set(tmp_path, 2, 1, size_px=(32, 32), progress=counting)
    assert counting.seen == 8


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for write in (write_class_set, write_mask_set):
        with pytest.raises(InputError, match="file"):
            write(tmp_path / "file" / "set", 1, 1)
