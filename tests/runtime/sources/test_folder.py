import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.decode import read_image
from leukoscope.runtime.sources.folder import FolderSource, find_images


def test_fields_come_in_order_with_their_names_and_pixels(image_folder):
    paths = [image_folder(name, seed) for seed, name in enumerate(["a.png", "b.bmp"])]
    source = FolderSource(paths[0].parent, paths)
    frames = list(source.frames(pytest.fail))
    assert source.total == 2 and source.rate_hz is None
    assert [(f.name, f.index, f.source) for f in frames] == [
        ("a", 0, str(paths[0])),
        ("b", 1, str(paths[1])),
    ]
    assert all(np.array_equal(f.pixels, read_image(p)) for f, p in zip(frames, paths, strict=True))
    assert frames[0].size_px == (64, 48)


def test_a_bad_image_is_told_and_the_others_are_done(image_folder):
    paths = [image_folder(f"{k}.png", k) for k in range(3)]
    paths[1].write_text("not an image")
    faults = []
    frames = list(FolderSource(paths[0].parent, paths).frames(faults.append))
    assert [f.name for f in frames] == ["0", "2"]
    assert [f.index for f in frames] == [0, 2], "the index is the file's place in the run"
    assert len(faults) == 1 and str(paths[1]) in str(faults[0])


def test_a_file_that_vanishes_is_a_fault(image_folder):
    path = image_folder("a.png")
    source = FolderSource(path.parent, [path])
    path.unlink()
    faults = []
    assert list(source.frames(faults.append)) == [] and len(faults) == 1


def test_images_are_found_at_any_depth_without_hidden_ones_and_masks(image_folder):
    paths = {
        name: image_folder(name)
        for name in ("b.png", "sub/a.JPG", ".hidden/x.png", ".x.png", "masks/m.png")
    }
    root = paths["b.png"].parent
    (root / "labels.csv").write_text("image,label\n")
    found = find_images(root)
    assert found == [paths["b.png"], paths["masks/m.png"], paths["sub/a.JPG"]]
    image_folder("images/i.png")
    assert paths["masks/m.png"] not in find_images(root), "beside images/ they are masks"


def test_a_folder_that_lies_in_one_called_masks_is_read(image_folder):
    inner = image_folder("masks/images/a.png")
    assert find_images(inner.parent) == [inner]


def test_a_folder_without_images_says_what_it_looks_for(tmp_path):
    with pytest.raises(InputError, match=r"no images.*\.jpg"):
        find_images(tmp_path)
