import shutil
from dataclasses import replace

from leukoscope.progress import Silent
from leukoscope.training.parts import Folders
from leukoscope.training.tree_images import STOP_SHARES, tree_images


def test_the_trees_get_only_images_that_the_network_was_not_fitted_on(stages_folder, trained):
    header = trained[1]
    found = tree_images(Folders([stages_folder]), header, 1, Silent())
    recorded = {
        part: {digest for group in groups.values() for digest in group}
        for part, groups in header.data["parts"].items()
    }
    rows, stop, held = (
        {picture.sha256 for picture in some} for some in (found.rows, found.stop, found.held)
    )
    assert rows | stop == recorded["trees"] and not rows & stop
    assert held == recorded["held"]
    assert not (rows | stop | held) & recorded["fit"]
    assert not {p.group for p in found.rows} & {p.group for p in found.stop}
    assert len(found.rows) / len(rows | stop) > STOP_SHARES["stop"]


def test_a_copy_of_an_image_is_taken_once(stages_folder, trained, tmp_path):
    header = trained[1]
    root = shutil.copytree(stages_folder, tmp_path / "stages")
    for path in list(root.rglob("*.png")):
        shutil.copy(path, path.with_name("copy" + path.name))
    found = tree_images(Folders([root]), header, 1, Silent())
    hashes = [picture.sha256 for picture in (*found.rows, *found.stop, *found.held)]
    assert len(hashes) == len(set(hashes)) > 0


def test_images_that_the_header_does_not_name_are_passed_over(tmp_path, stages_writer, trained):
    other = stages_writer(tmp_path / "other", 5, seed=99)
    found = tree_images(Folders([other]), trained[1], 1, Silent())
    assert found.rows == found.stop == found.held == []


def test_a_stage_of_a_single_group_has_rows_and_stops_too(stages_folder, trained):
    header = trained[1]
    parts = header.data["parts"]
    first = {group.rsplit("/", 1)[0]: group for group in sorted(parts["trees"], reverse=True)}
    few = {group: parts["trees"][group] for group in first.values()}
    narrow = replace(header, data={**header.data, "parts": {**parts, "trees": few}})
    found = tree_images(Folders([stages_folder]), narrow, 1, Silent())
    for some in (found.rows, found.stop):
        assert {picture.target for picture in some} == {(0,), (1,), (2,), (3,)} or len(some) < 4
    assert {p.sha256 for p in (*found.rows, *found.stop)} == {h for g in few.values() for h in g}
