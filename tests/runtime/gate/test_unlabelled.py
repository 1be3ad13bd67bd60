import shutil

import cv2
import numpy as np
import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.painter.folders import write_class_set, write_mask_set
from leukoscope.runtime.gate.unlabelled import judge_unlabelled, read_unlabelled
from leukoscope.runtime.settings import Settings

CPU = Settings(backend="onnxruntime-cpu", threads=1)


@pytest.fixture
def camera(tmp_path):
    """Eleven fields in a folder and one below it."""
    root = tmp_path / "camera"
    write_class_set(tmp_path / "painted", 3, 9, size_px=(96, 64))
    (root / "more").mkdir(parents=True)
    for i, path in enumerate(sorted((tmp_path / "painted").rglob("*.png"))):
        shutil.copy(path, root / ("more" if i == 11 else "") / f"field-{i:02d}.png")
    return root


def test_a_heap_of_fields_is_enough(camera):
    found = read_unlabelled(camera)
    assert len(found.items) == 12 and found.groups_inferred
    assert {(item.label, item.mask) for item in found.items} == {(None, None)}
    assert {item.name for item in found.items} >= {"field-00.png", "more/field-11.png"}
    assert len({item.group for item in found.items}) == 11


def test_labels_and_masks_of_a_data_folder_are_not_looked_at(tmp_path):
    write_mask_set(tmp_path, 4, 3)
    found = read_unlabelled(tmp_path)
    assert len(found.items) == 4, "the masks are no fields"
    assert {(item.label, item.mask) for item in found.items} == {(None, None)}


def test_groups_can_be_given(camera):
    names = [item.name for item in read_unlabelled(camera).items]
    rows = "".join(f"{name},s{i % 3}\n" for i, name in enumerate(names))
    (camera / "groups.csv").write_text(f"image,group\n{rows}")
    found = read_unlabelled(camera)
    assert not found.groups_inferred and {i.group for i in found.items} == {"s0", "s1", "s2"}
    (camera / "groups.csv").write_text(f"image,group\n{rows.partition(chr(10))[2]}")
    with pytest.raises(InputError, match="no row for"):
        read_unlabelled(camera)


def test_nothing_there_is_an_input_error(tmp_path):
    for root, words in ((tmp_path / "no", "no such folder"), (tmp_path, "no images")):
        with pytest.raises(InputError, match=words):
            read_unlabelled(root)


def test_copies_blanks_and_the_training_are_left_out(camera, tmp_path):
    first = camera / "field-00.png"
    shutil.copy(camera / "field-01.png", camera / "copy-of-field-99.png")
    cv2.imwrite(str(camera / "black-98.png"), np.zeros((64, 96, 3), np.uint8))
    bundle = write_toy_bundle(tmp_path / "b", Toy(training_images=(sha256_of_file(first),)))
    got = judge_unlabelled(bundle, "xincept_all", [read_unlabelled(camera)], CPU)
    assert got.left_out["duplicate"] == 1 and got.left_out["blank"] == 1
    assert got.left_out["trained on"] == 1 and got.in_training == 0
    assert all(one.sample.target is None for one in got.observations["fp32"])
    assert {one.sample.group.split("/")[0] for one in got.observations["fp32"]} == {"camera"}


def test_more_may_be_left_out_by_the_caller(camera, toy_bundle):
    got = judge_unlabelled(
        toy_bundle, "xincept_all", [read_unlabelled(camera)], CPU, not_these=lambda s, g: "search"
    )
    assert got.left_out["search"] == 12 and got.observations["fp32"] == ()
