import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.label_map import LabelMap, identity_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set, write_mask_set
from leukoscope.progress import Silent
from leukoscope.runtime.judge import judge, merged_labels
from leukoscope.runtime.settings import Settings

CPU = Settings(backend="onnxruntime-cpu", threads=1)
STAGE_MAP, CELL_MAP = identity_map("xincept_all"), identity_map("sg_cldff")


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    root = tmp_path_factory.mktemp("stages")
    write_class_set(root, 2, 77, size_px=(96, 64))
    return root


def labelled(root: Path, label_map: LabelMap | None = STAGE_MAP):
    return [(item, label_map) for item in read_image_set(root).items]


def test_every_variant_sees_the_same_images_in_the_same_order(toy_bundle, stages):
    items = labelled(stages)
    got = judge(toy_bundle, "xincept_all", items, CPU, groups_inferred=True)
    assert got.reference == "fp32" and got.variants == ("fp32",) and got.voter == "trees"
    assert got.backend == {"fp32": "onnxruntime-cpu"} and got.groups_inferred
    found = [one.sample for one in got.observations["fp32"]]
    assert [one.name for one in found] == [item.name for item, _ in items]
    assert [one.group for one in found] == [item.group for item, _ in items]
    assert [one.path for one in found] == [item.path for item, _ in items]
    assert got.label_map_name == "identity" and got.left_out == {} and got.unreadable == ()


def test_no_pixels_are_kept(toy_bundle, tmp_path):
    write_mask_set(tmp_path, 3, 7)
    got = judge(toy_bundle, "sg_cldff", labelled(tmp_path, CELL_MAP), CPU)
    for one in got.observations["fp32"]:
        assert one.sample.pixels.size == 0 and one.sample.mask is None
        assert one.overlap is not None, "what the mask was for has been measured"


def test_what_may_not_judge_is_left_out_and_counted_by_its_cause(toy_bundle, stages):
    items = labelled(stages)
    hashes = {sha256_of_file(item.path): item for item, _ in items}
    first = next(iter(hashes))
    group = items[-1][0].group

    def not_these(sha256, of_group):
        if sha256 == first:
            return "trained on"
        return "near the training" if of_group == group else None

    got = judge(toy_bundle, "xincept_all", items, CPU, not_these=not_these)
    kept = [one.sample for one in got.observations["fp32"]]
    assert first not in {one.sha256 for one in kept} and group not in {one.group for one in kept}
    assert got.left_out["trained on"] == 1 and sum(got.left_out.values()) == 8 - len(kept)


def test_images_of_the_training_that_are_left_out_are_not_counted_as_judged(tmp_path, stages):
    items = labelled(stages)
    digest = sha256_of_file(items[0][0].path)
    bundle = write_toy_bundle(tmp_path / "b", Toy(training_images=(digest,)))
    assert judge(bundle, "xincept_all", items, CPU).in_training == 1
    got = judge(
        bundle, "xincept_all", items, CPU, not_these=lambda s, g: "x" if s == digest else None
    )
    assert got.in_training == 0 and got.left_out == {"x": 1}


def test_a_clean_set_has_no_copies_and_no_blank_pictures(toy_bundle, stages, tmp_path):
    root = tmp_path / "d"
    shutil.copytree(stages, root)
    first = next(iter(read_image_set(root).items)).path
    shutil.copy(first, first.with_name("zz-copy.png"))
    cv2.imwrite(str(first.with_name("zz-pixels.bmp")), cv2.imread(str(first)))
    cv2.imwrite(str(first.with_name("zz-black.png")), np.zeros((64, 96, 3), np.uint8))
    items = labelled(root)
    assert len(judge(toy_bundle, "xincept_all", items, CPU).observations["fp32"]) == 11
    got = judge(toy_bundle, "xincept_all", items, CPU, clean=True)
    assert len(got.observations["fp32"]) == 8
    assert got.left_out == {"duplicate": 2, "blank": 1}


@pytest.mark.parametrize("copied", [0, -1])
def test_a_copy_of_what_may_not_judge_may_not_either(toy_bundle, stages, tmp_path, copied):
    """Whether it comes before that in the order of files or after it."""
    root = tmp_path / "d"
    shutil.copytree(stages, root)
    items = read_image_set(root).items
    original, other = items[copied], items[-1 - copied]
    cv2.imwrite(str(other.path.with_suffix(".bmp")), cv2.imread(str(original.path)))
    items = [
        (replace(item, group="seen" if item.path == original.path else "new"), STAGE_MAP)
        for item in read_image_set(root).items
    ]
    got = judge(
        toy_bundle, "xincept_all", items, CPU, clean=True,
        not_these=lambda sha256, group: "near the training" if group == "seen" else None,
    )  # fmt: skip
    assert got.left_out == {"near the training": 1, "duplicate": 1}
    names = [one.sample.name for one in got.observations["fp32"]]
    assert names == [item.name for item, _ in items if item.name in names], "their order stays"


def test_images_without_a_label_are_judged_without_a_target(toy_bundle, stages):
    items = [(replace(item, label=None), None) for item, _ in labelled(stages)]
    got = judge(toy_bundle, "xincept_all", items, CPU)
    assert got.label_map_name is None and len(got.observations["fp32"]) == 8
    assert all(one.sample.target is None for one in got.observations["fp32"])


def test_nothing_to_judge_gives_nothing(toy_bundle):
    got = judge(toy_bundle, "xincept_all", [], CPU)
    assert got.observations == {"fp32": ()} and got.excluded == 0


def test_an_unreadable_file_is_named_and_said(toy_bundle, stages, tmp_path):
    lines = []

    class Notes(Silent):
        def note(self, text):
            lines.append(text)

    root = tmp_path / "d"
    shutil.copytree(stages, root)
    (root / "Pre" / "cut.png").write_bytes(b"no image")
    got = judge(toy_bundle, "xincept_all", labelled(root), CPU, progress=Notes())
    assert got.unreadable == ("Pre/cut.png",) and "cut.png" in lines[0]


def test_label_maps_of_several_folders_are_merged():
    one = LabelMap("one", "sg_cldff", {"L": ("lymphocyte",), "N": ("neutrophil",)})
    two = LabelMap("two", "sg_cldff", {"L": ("lymphocyte",), "N": ()})
    three = LabelMap("three", "sg_cldff", {"N": ("blast",)})
    assert merged_labels([one, one, two, three]) == {
        "L": ("lymphocyte",),
        "N": ("neutrophil",),
        "N (two)": (),
        "N (three)": ("blast",),
    }
    assert merged_labels([]) == {}


def test_label_maps_that_overlap_are_refused(toy_bundle, stages):
    wide = LabelMap("wide", "xincept_all", {"ill": ("Early", "Pre")})
    items = labelled(stages)
    items = [*items[:4], *((replace(item, label="ill"), wide) for item, _ in items[4:])]
    with pytest.raises(InputError, match="overlap"):
        judge(toy_bundle, "xincept_all", items, CPU)
