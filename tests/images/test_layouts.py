from collections import Counter
from pathlib import Path

import pytest

from leukoscope.errors import InputError
from leukoscope.images.groups import split
from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set


def fill(root: Path, *names: str) -> Path:
    """Empty files: no layout is read by its pixels."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def masks_set(root: Path) -> Path:
    fill(root, "images/f10.jpg", "images/f2.jpg", "images/f3.png", "masks/f2.png", "masks/f3.png")
    (root / "labels.csv").write_text('image,label\nf2.jpg,"blast, blast"\nf3.png,\n')
    return root


def test_a_folder_a_class(tmp_path):
    root = fill(
        tmp_path, "Pro/x2.jpg", "Pro/x10.JPG", "Benign/a.png", "Benign/b.tiff", "Benign/c.bmp"
    )
    images = read_image_set(root)
    assert (images.root, images.layout, images.groups_inferred) == (root, "classes", True)
    assert [(i.name, i.label) for i in images.items] == [
        ("Benign/a.png", "Benign"),
        ("Benign/b.tiff", "Benign"),
        ("Benign/c.bmp", "Benign"),
        ("Pro/x2.jpg", "Pro"),
        ("Pro/x10.JPG", "Pro"),
    ]
    assert [i.group for i in images.items[3:]] == ["Pro/00", "Pro/05"]
    assert all(i.path == root / i.name and i.mask is None for i in images.items)


def test_images_with_masks_and_labels(tmp_path):
    root = masks_set(tmp_path)
    images = read_image_set(root)
    assert images.layout == "masks" and images.groups_inferred
    assert [(i.name, i.label, i.mask) for i in images.items] == [
        ("f2.jpg", "blast, blast", root / "masks/f2.png"),
        ("f3.png", "", root / "masks/f3.png"),
        ("f10.jpg", None, None),
    ]
    assert [i.path for i in images.items] == [root / "images" / i.name for i in images.items]


def test_images_alone_are_a_set_without_truth(tmp_path):
    images = read_image_set(fill(tmp_path, "images/a.png", "images/b.png"))
    assert [(i.label, i.mask) for i in images.items] == [(None, None)] * 2


def test_strange_files_are_passed_over(tmp_path):
    fill(tmp_path, "Pro/a.png", "Pro/._a.png", "Pro/Thumbs.db", ".git/x.png", "__MACOSX/a.png")
    fill(tmp_path, "notes/readme.txt", "readme.md", "Pro/deeper.png/c.png")
    assert [item.name for item in read_image_set(tmp_path).items] == ["Pro/a.png"]


@pytest.mark.parametrize("layout", ["classes", "masks"])
def test_groups_csv_is_obeyed(tmp_path, layout):
    names = ["Pro/a.png", "Pro/b.png"] if layout == "classes" else ["a.png", "b.png"]
    fill(tmp_path, *(names if layout == "classes" else [f"images/{name}" for name in names]))
    (tmp_path / "groups.csv").write_text(f"image,group\n{names[1]},s1\n{names[0]},s2\n")
    images = read_image_set(tmp_path)
    assert not images.groups_inferred
    assert [item.group for item in images.items] == ["s2", "s1"]


def test_groups_of_the_masks_layout_are_of_its_images(tmp_path):
    fill(tmp_path, *(f"images/{number}.png" for number in range(20)))
    groups = [item.group for item in read_image_set(tmp_path).items]
    assert groups == [f"images/{number // 2:02d}" for number in range(20)]


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ([], "no images in class folders below"),
        (["a.png", "b.png"], "images lie beside each other"),
        (["Pro/notes.txt"], "no images in class folders"),
        (["images/notes.txt"], r"no images in .*images"),
        (["images/a.png", "masks/b.png"], r"masks/b\.png has no image; remove it, or add images/b"),
        (["images/a.png", "masks/b.png", "masks/c.png"], r"b\.png has no image \(and 1 more\)"),
        (["images/a.png", "images/a.jpg", "masks/a.png"], "would share the mask"),
    ],
)
def test_bad_folders_are_refused(tmp_path, files, match):
    with pytest.raises(InputError, match=match):
        read_image_set(fill(tmp_path, *files))


@pytest.mark.parametrize(
    ("table", "text", "match"),
    [
        ("labels.csv", "image,label\nf9.jpg,blast\n", r"labels\.csv names f9\.jpg, which is not"),
        ("labels.csv", "image,label\nf2.jpg,x\nf2.jpg,y\n", r"line 3: f2\.jpg a second time"),
        ("labels.csv", "name,class\nf2.jpg,x\n", "columns name,class"),
        ("groups.csv", "image,group\nf2.jpg,x\n", r"no row for f3\.png \(and 1 more\)"),
        ("groups.csv", "image,group\nf2.jpg,x\nf9.jpg,x\n", r"names f9\.jpg, which is not"),
    ],
)
def test_bad_tables_are_refused(tmp_path, table, text, match):
    (masks_set(tmp_path) / table).write_text(text)
    with pytest.raises(InputError, match=match):
        read_image_set(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        read_image_set(tmp_path / "absent")
    with pytest.raises(InputError, match="is not a folder"):
        read_image_set(fill(tmp_path, "file") / "file")


@pytest.mark.parametrize(
    ("name", "network", "count", "masks", "excluded"),
    [
        ("iranian_all", "xincept_all", 2244, 0, 0),
        ("bccd", "sg_cldff", 256, 256, 12),
        ("wbc_tecom", "sg_cldff", 210, 210, 0),
        ("all_idb2", "sg_cldff", 182, 182, 0),
        ("pbc", "sg_cldff", 1280, 0, 0),
    ],
)
def test_the_five_real_sets(shared_data, name, network, count, masks, excluded):
    images = read_image_set(shared_data / name)
    assert len(images.items) == count
    assert sum(item.mask is not None for item in images.items) == masks
    labels = find_label_map((item.label for item in images.items), network)
    assert labels.name == name
    targets = Counter(labels.target(item.label) for item in images.items)
    assert targets[None] == excluded
    parts = split(images.items, {"train": 0.8, "val": 0.2}, seed=1)
    assert abs(len(parts["val"]) / count - 0.2) < 0.03
