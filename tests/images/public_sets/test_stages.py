import pytest

from leukoscope.errors import InputError
from leukoscope.images.label_map import find_label_map
from leukoscope.images.layouts import read_image_set
from leukoscope.images.public_sets.convert import convert
from leukoscope.images.public_sets.offer import Source
from leukoscope.images.public_sets.stages import IRANIAN_ALL, PAK_ALL

STAGES = ("Benign", "Early", "Pre", "Pro")


@pytest.fixture
def iranian(root, make):
    for seed, stage in enumerate(STAGES):
        for k in range(3):
            make(f"archive/Original/{stage}/WBC-{stage}-{k:03d}.jpg", 10 * seed + k)
            make(f"archive/Segmented/{stage}/WBC-{stage}-{k:03d}.jpg", 100 + 10 * seed + k)
    return Source(root)


def test_the_originals_are_taken_and_the_segmented_ones_counted(iranian, tmp_path):
    record = convert(IRANIAN_ALL, iranian, tmp_path / "out")
    assert record.counts()["labels"] == dict.fromkeys(STAGES, 3)
    assert record.counts()["left_out"] == {"not sought": 12}
    images = read_image_set(tmp_path / "out")
    assert images.layout == "classes" and images.groups_inferred
    labels = {item.label for item in images.items}
    assert find_label_map(labels, "xincept_all").name == "iranian_all"


def test_the_other_form_in_which_it_circulates(root, make, tmp_path):
    names = ("Benign", "[Malignant] early Pre-B", "[Malignant] Pre-B", "[Malignant] Pro-B")
    for seed, name in enumerate(names):
        make(f"Blood cell Cancer [ALL]/{name}/Snap_{seed:03d}.jpg", seed)
    record = convert(IRANIAN_ALL, Source(root), tmp_path / "out")
    assert record.counts()["labels"] == dict.fromkeys(STAGES, 1)


@pytest.mark.parametrize("public_set", [IRANIAN_ALL, PAK_ALL], ids=lambda one: one.name)
def test_folders_of_the_stages_in_any_case(root, make, tmp_path, public_set):
    for seed, name in enumerate(("BENIGN", "early", "Pre", "pro")):
        make(f"{name}/{seed}.png", seed)
    record = convert(public_set, Source(root), tmp_path / "out")
    assert record.counts()["labels"] == dict.fromkeys(STAGES, 1)
    assert record.to_json()["terms"] == public_set.terms


def test_a_stage_that_is_missing_is_named(iranian, tmp_path):
    (iranian.root / "archive" / "Original" / "Pro").rename(tmp_path / "gone")
    with pytest.raises(InputError, match=r"no folder pro or \[malignant\] pro-b"):
        convert(IRANIAN_ALL, iranian, tmp_path / "out")


def test_two_trees_of_stages_are_too_many(iranian, tmp_path):
    (iranian.root / "archive" / "Segmented").rename(iranian.root / "archive" / "Cropped")
    with pytest.raises(InputError, match="both have folders of all classes"):
        convert(IRANIAN_ALL, iranian, tmp_path / "out")
