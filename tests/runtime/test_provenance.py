from dataclasses import replace

import pytest
from toy_bundle import Toy, write_toy_bundle

from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set
from leukoscope.runtime.provenance import (
    Seen,
    named_items,
    near,
    seen_groups,
    set_names,
    training,
    training_groups,
    training_images,
)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "smears"
    write_class_set(root, 2, 77, size_px=(64, 48))
    return root


def with_provenance(bundle, network, **values):
    entry = bundle.manifest.networks[network]
    networks = {**bundle.manifest.networks, network: replace(entry, provenance=values)}
    return replace(bundle, manifest=replace(bundle.manifest, networks=networks))


def test_the_trees_images_count_for_the_network_they_stand_on(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b", Toy(training_images=("a" * 64,)))
    trees = replace(bundle.manifest.trees, provenance={"training_images": ["b" * 64]})
    bundle = replace(bundle, manifest=replace(bundle.manifest, trees=trees))
    assert training_images(bundle, "xincept_all") == {"a" * 64, "b" * 64}
    assert training_images(bundle, "sg_cldff") == {"a" * 64}


@pytest.mark.parametrize("odd", [None, 7, "text", {"a": 1}, [1, None, ["x"]]])
def test_provenance_that_is_no_list_of_texts_is_passed_over(tmp_path, odd):
    bundle = write_toy_bundle(tmp_path / "b")
    odd_bundle = with_provenance(bundle, "sg_cldff", training_images=odd, training_groups=odd)
    assert training(odd_bundle, "sg_cldff") == Seen()


def test_groups_are_read_and_absent_ones_are_none(tmp_path):
    bundle = write_toy_bundle(tmp_path / "b")
    assert training_groups(bundle, "sg_cldff") == frozenset()
    known = with_provenance(bundle, "sg_cldff", training_groups=["bccd/images/01"])
    assert training_groups(known, "sg_cldff") == {"bccd/images/01"}
    assert training_groups(known, "xincept_all") == frozenset()


def test_sets_of_one_name_are_told_apart_by_the_folders_above(tmp_path):
    roots = [tmp_path / "a" / "x" / "smears", tmp_path / "b" / "x" / "smears", tmp_path / "cells"]
    assert set_names(roots) == ("a/x/smears", "b/x/smears", "cells")
    assert set_names([tmp_path / "smears", tmp_path / "d" / "smears"])[1] == "d/smears"
    assert set_names([roots[0]]) == ("smears",)


def test_items_get_the_groups_that_training_wrote(folder):
    items = named_items(read_image_set(folder), "smears")
    assert items[0].group == f"smears/{read_image_set(folder).items[0].group}"
    assert items[0].path == read_image_set(folder).items[0].path


def test_a_group_with_one_trained_image_is_seen_whole(folder):
    images = read_image_set(folder)
    seen = Seen(frozenset({sha256_of_file(images.items[0].path)}))
    assert seen_groups(images, "k/smears", seen) == {f"k/smears/{images.items[0].group}"}


def test_names_of_inferred_groups_count_only_in_the_folder_that_was_trained_on():
    members = [(str(block), f"Pre/{block:02d}") for block in range(10)]
    named = frozenset(f"smears/Pre/{block:02d}" for block in range(8))
    for trained, expected in ((range(0), 0), (range(3), 3), (range(4), 8), (range(8), 8)):
        seen = Seen(frozenset(map(str, trained)), named)
        assert len(near("smears", members, True, seen)) == expected
        assert len(near("smears", members, False, seen)) == 8, "groups.csv"
        assert len(near("other", members, True, seen)) == len(trained)


def test_names_from_groups_csv_count_always(folder):
    images = read_image_set(folder)
    rows = [f"{item.name},slide {index % 2}" for index, item in enumerate(images.items)]
    (folder / "groups.csv").write_text("\n".join(["image,group", *rows]))
    seen = Seen(groups=frozenset({"smears/slide 1", "other/slide 0"}))
    assert seen_groups(read_image_set(folder), "z/smears", seen) == {"z/smears/slide 1"}


def test_a_file_that_cannot_be_read_is_passed_over(folder):
    images = read_image_set(folder)
    seen = Seen(frozenset(sha256_of_file(item.path) for item in images.items[:2]))
    images.items[0].path.unlink()
    assert seen_groups(images, "s", seen) == {f"s/{images.items[1].group}"}


def test_nothing_is_near_to_nothing():
    assert near("a", [("d" * 64, "g")], False, Seen()) == frozenset()
    assert near("a", [], True, Seen(frozenset({"d" * 64}))) == frozenset()
