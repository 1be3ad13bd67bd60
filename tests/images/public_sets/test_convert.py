import json
import shutil

import numpy as np
import pytest
from fake_files import write_image, write_mask

from leukoscope.errors import InputError, UsageError
from leukoscope.images.decode import read_image
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.all_idb2 import ALL_IDB2
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source
from leukoscope.images.public_sets.stages import IRANIAN_ALL

STAGES = ("Benign", "Early", "Pre", "Pro")


@pytest.fixture
def stages(root, make):
    for seed, stage in enumerate(STAGES):
        for k in range(2):
            make(f"{stage}/{k}.jpg", 10 * seed + k)
    return Source(root)


def names(folder):
    return {item.name for item in read_image_set(folder).items}


def test_the_record_tells_where_each_file_comes_from(stages, tmp_path):
    convert(IRANIAN_ALL, stages, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert record["schema"] == 1 and record["set"] == "iranian_all"
    assert "10.1002/int.22753" in record["citation"] and "redistribute" in record["terms"]
    assert record["source"] == stages.root.name and record["counts"]["images"] == 8
    for file in record["files"]:
        assert file["sha256"] == sha256_of_file(stages.root / file["source"])
        assert file["sha256"] == sha256_of_file(tmp_path / "out" / file["name"])
    assert str(tmp_path) not in json.dumps(record), "no place of this machine"


def test_of_copies_the_first_stays_and_the_others_are_named(stages, tmp_path):
    shutil.copy(stages.root / "Pre" / "0.jpg", stages.root / "Pre" / "7.jpg")
    record = convert(IRANIAN_ALL, stages, tmp_path / "out")
    assert [(one.source, one.cause, one.detail) for one in record.left_out] == [
        ("Pre/7.jpg", "copy", "Pre/0.jpg")
    ]
    assert "Pre/0.jpg" in names(tmp_path / "out") and "Pre/7.jpg" not in names(tmp_path / "out")


def test_copies_under_two_labels_are_both_left_out(stages, tmp_path):
    shutil.copy(stages.root / "Pre" / "0.jpg", stages.root / "Pro" / "7.jpg")
    record = convert(IRANIAN_ALL, stages, tmp_path / "out")
    assert {one.source: one.detail for one in record.left_out} == {
        "Pre/0.jpg": "Pro/7.jpg", "Pro/7.jpg": "Pre/0.jpg"
    }  # fmt: skip
    assert record.counts()["left_out"] == {"copy under another label": 2}
    assert not {"Pre/0.jpg", "Pro/7.jpg"} & names(tmp_path / "out")


def test_every_image_of_the_source_is_taken_or_named(stages, make, tmp_path):
    make("notes/figure.png", 77)
    shutil.copy(stages.root / "Pre" / "0.jpg", stages.root / ".thumb.jpg")
    (stages.root / "Pre" / "bad.jpg").write_bytes((stages.root / "Pre" / "1.jpg").read_bytes()[:99])
    record = convert(IRANIAN_ALL, stages, tmp_path / "out")
    said = {file.source for file in record.files} | {one.source for one in record.left_out}
    there = {
        path.relative_to(stages.root).as_posix()
        for path in stages.root.rglob("*")
        if path.suffix in (".jpg", ".png")
    }
    assert said == there and len(said) == len(record.files) + len(record.left_out)
    assert record.counts()["left_out"] == {"hidden file": 1, "not sought": 1, "unreadable": 1}
    assert [one.source for one in record.unreadable] == ["Pre/bad.jpg"]
    assert any("bad.jpg" in line for line in record.in_words())


def test_a_mask_that_does_not_fit_is_named_and_its_image_kept(root, make, tmp_path):
    for k in range(4):
        make(f"img/Im00{k}_1.tif", k)
        write_mask(tmp_path / "gt" / f"Im00{k}_1.tif")
    write_image(tmp_path / "gt" / "Im000_1.tif", np.zeros((44, 44), np.uint8))
    (tmp_path / "gt" / "Im001_1.tif").write_bytes(b"words")
    record = convert(ALL_IDB2, Source(root, tmp_path / "gt"), tmp_path / "out")
    assert len(record.files) == 4 and record.counts()["masks"] == 2
    assert record.counts()["left_out"] == {"unfit mask": 2}
    assert {file.mask for file in record.files} == {None, "Im002_1.tif", "Im003_1.tif"}


def test_masks_are_ours_and_images_untouched(root, make, tmp_path):
    source = make("img/Im001_1.tif")
    mask = write_mask(tmp_path / "gt" / "Im001_1.tif", (0, 7, 9))
    record = convert(ALL_IDB2, Source(root, tmp_path / "gt"), tmp_path / "out")
    assert (tmp_path / "out" / "images" / "Im001_1.tif").read_bytes() == source.read_bytes()
    ours = read_image(tmp_path / "out" / "masks" / "Im001_1.png")[:, :, 0]
    assert np.array_equal(ours, np.select([mask == 7, mask == 9], [128, 255], 0))
    assert record.files[0].mask_sha256 == sha256_of_file(tmp_path / "gt" / "Im001_1.tif")


@pytest.mark.parametrize("extra", ["masks", "labels"])
def test_an_option_that_the_set_does_not_take_is_refused(stages, tmp_path, extra):
    source = Source(stages.root, **{extra: tmp_path})
    with pytest.raises(UsageError, match=f"--{extra} with iranian_all"):
        convert(IRANIAN_ALL, source, tmp_path / "out")


def test_wrong_places_are_refused_and_nothing_is_written(stages, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    for source, output, words in (
        (tmp_path / "none", tmp_path / "out", "no such folder"),
        (stages.root / "Pre" / "0.jpg", tmp_path / "out", "is not a folder"),
        (stages.root, stages.root, "exists"),
        (stages.root, stages.root / "out", "lies within"),
        (stages.root / "Pre", tmp_path / "out", "no folder"),
    ):
        with pytest.raises(InputError, match=words) as refused:
            convert(IRANIAN_ALL, Source(source), output)
        assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="no such folder"):
        convert(ALL_IDB2, Source(stages.root, tmp_path / "none"), tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before


class Stopping:
    """A progress that fails in the middle, as a user who presses Ctrl-C does."""

    def track(self, items, what, total=None):
        for count, item in enumerate(items):
            if what == "iranian_all" and count == 3:
                raise KeyboardInterrupt
            yield item


def test_a_conversion_that_is_broken_off_leaves_nothing(stages, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        convert(IRANIAN_ALL, stages, tmp_path / "out", Stopping())
    assert {path.name for path in tmp_path.iterdir()} == {stages.root.name}


def test_where_nothing_can_be_written_it_is_said(stages, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        convert(IRANIAN_ALL, stages, tmp_path / "file" / "out")
