import json

import pytest
from toy_bundle import Toy, write_toy_bundle
from variants import add_variant

from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set
from leukoscope.runtime.gate.admission import admission


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Eight images, two to a group."""
    root = tmp_path_factory.mktemp("admission") / "site"
    write_class_set(root, 2, 5, size_px=(96, 64))
    names = [item.name for item in read_image_set(root).items]
    rows = "".join(f"{name},slide-{i // 2}\n" for i, name in enumerate(names))
    (root / "groups.csv").write_text(f"image,group\n{rows}")
    return read_image_set(root)


def causes(bundle, images):
    cause = admission(bundle, "xincept_all", [(images, "site")])
    return [cause(sha256_of_file(i.path), f"site/{i.group}") for i in images.items]


def record(*images):
    value = {"networks": {"xincept_all": {"images": list(images)}}}
    return {"calibration.json": json.dumps(value).encode()}


def used(item, part, group=None):
    digest = sha256_of_file(item.path) if group is None else "0" * 64
    return {"sha256": digest, "group": group or f"site/{item.group}", "part": part}


def test_without_a_history_all_may_judge(toy_bundle, site):
    assert causes(toy_bundle, site) == [None] * 8


def test_images_and_groups_of_the_training_may_not(tmp_path, site):
    toy = Toy(training_images=(sha256_of_file(site.items[0].path),))
    bundle = write_toy_bundle(tmp_path / "b", toy)
    assert causes(bundle, site) == ["trained on", "near the training", *[None] * 6]


def test_images_and_groups_of_ranges_and_search_may_not_and_those_of_the_gate_may(tmp_path, site):
    root = write_toy_bundle(tmp_path / "b").root
    files = record(
        used(site.items[0], "ranges"), used(site.items[3], "search"), used(site.items[5], "gate"),
        used(site.items[6], "ranges", group="site/slide-3"),
    )  # fmt: skip
    bundle = add_variant(root, "xincept_all", "int8", files=files)
    assert causes(bundle, site) == [
        "calibrated on", "near the calibration", "near the calibration", "calibrated on",
        None, None, "near the calibration", "near the calibration",
    ]  # fmt: skip


def test_what_another_network_was_calibrated_on_may_judge_this_one(tmp_path, site):
    root = write_toy_bundle(tmp_path / "b").root
    files = record(used(site.items[0], "ranges"))
    bundle = add_variant(root, "xincept_all", "int8", files=files)
    cause = admission(bundle, "sg_cldff", [(site, "site")])
    assert cause(sha256_of_file(site.items[0].path), f"site/{site.items[0].group}") is None
