import shutil
from collections import Counter

import pytest

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.colour_sources import sources_from_json
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.painter.folders import write_class_set
from leukoscope.progress import Silent
from leukoscope.training.parts import (
    FUSION_SHARES,
    SEGMENTATION_SHARES,
    Division,
    Folders,
    colours_of,
    load_parts,
)


def parts_of(*roots, seed=1):
    return load_parts(
        Folders(roots), "xincept_all", STAGES, Division(FUSION_SHARES, seed), Silent()
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_group_and_no_image_lies_in_two_parts_and_every_hash_is_recorded(stages_folder, seed):
    parts = parts_of(stages_folder, seed=seed)
    account = parts.account["parts"]
    groups = [group for part in account.values() for group in part]
    assert len(groups) == len(set(groups)) == 40
    hashes = Counter(h for part in account.values() for group in part.values() for h in group)
    assert hashes == Counter(sha256_of_file(path) for path in stages_folder.rglob("*.png"))
    for name, pictures in parts.pictures.items():
        recorded = [digest for group in account[name].values() for digest in group]
        assert sorted(picture.sha256 for picture in pictures) == sorted(recorded)
        assert {picture.group for picture in pictures} == set(account[name])


def test_shares_hold_for_every_class_and_the_seed_decides(stages_folder):
    one, again, other = (parts_of(stages_folder, seed=seed) for seed in (1, 1, 2))
    assert one.account == again.account
    assert one.account["parts"] != other.account["parts"]
    for part, share in FUSION_SHARES.items():
        counts = Counter(picture.target for picture in one.pictures[part])
        assert set(counts) == {(0,), (1,), (2,), (3,)}
        assert all(abs(count - 20 * share) <= 2 for count in counts.values())


def test_the_account_says_where_the_images_came_from(stages_folder, cells_folder):
    account = parts_of(stages_folder).account
    assert account["shares"] == FUSION_SHARES and account["split_seed"] == 1
    (name,) = account["sets"]
    assert account["sets"][name] == {
        "label_map": "iranian_all",
        "layout": "classes",
        "groups_inferred": True,
        "images": 80,
    }
    division = Division(SEGMENTATION_SHARES, 1)
    account = load_parts(
        Folders([cells_folder]), "sg_cldff", CELL_TYPES, division, Silent()
    ).account
    assert account["sets"]["cells"]["layout"] == "masks"


def test_copies_of_an_image_stay_in_one_part(tmp_path, stages_writer):
    """Sets as they are published hold byte duplicates; they must not lie on both sides of a split."""
    root = stages_writer(tmp_path / "set", 20)
    for stage in STAGES:
        shutil.copy(root / stage / "00.png", root / stage / "19.png")
    parts = parts_of(root)
    seen = {name: {p.sha256 for p in pictures} for name, pictures in parts.pictures.items()}
    assert not seen["fit"] & seen["trees"]
    assert not seen["fit"] & seen["held"]
    assert not seen["trees"] & seen["held"]
    kept = sum(map(len, parts.pictures.values()))
    assert parts.account["duplicates_left_out"] == 80 - kept > 0


def test_a_part_of_nothing_but_copies_is_named(tmp_path, stages_writer):
    root = stages_writer(tmp_path / "set", 5)
    content = (root / "Early" / "00.png").read_bytes()
    for path in root.rglob("*.png"):
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"no images for trees, held \(\d+ copies left out\)"):
        parts_of(root)


def test_folders_of_one_name_are_refused(tmp_path, stages_writer):
    one, other = (stages_writer(tmp_path / side / "set", 3) for side in "ab")
    with pytest.raises(InputError, match="called set"):
        parts_of(one, other)
    with pytest.raises(InputError, match="called set"):
        parts_of(one, one)


def test_a_folder_may_be_given_as_a_dot(stages_folder, monkeypatch):
    monkeypatch.chdir(stages_folder)
    assert (
        parts_of(stages_folder.relative_to(stages_folder)).account
        == parts_of(stages_folder).account
    )


def test_too_few_groups_for_the_parts(tmp_path, stages_writer):
    root = stages_writer(tmp_path / "set", 2)
    shutil.rmtree(root / "Pro"), shutil.rmtree(root / "Pre"), shutil.rmtree(root / "Early")
    with pytest.raises(InputError, match="group"):
        parts_of(root)


def test_the_colours_are_of_what_is_fitted_on(tmp_path):
    """Of the first part alone; a part of fewer fields than statistics need has none."""
    write_class_set(tmp_path / "my_lab", 14, 3, size_px=(96, 72))
    parts = parts_of(tmp_path / "my_lab")
    colours = sources_from_json(parts.account["colours"])
    fitted = len(parts.pictures["fit"])
    assert {source: one.fields for source, one in colours.items()} == {"my_lab": fitted}
    assert colours_of(parts.pictures["held"]) == {}
