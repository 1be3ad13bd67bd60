from dataclasses import replace
from pathlib import Path

import pytest
from measure.held import Entry, open_folders, spread

from leukoscope.bundle.read import open_bundle
from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.images.layouts import Item
from leukoscope.images.painter.folders import write_class_set


def entry(group, index):
    name = f"{group}-{index}"
    return Entry(Item(Path(name), name, "a", None, group), f"set/{group}", name)


def test_a_sample_is_even_over_groups_and_within_each_and_always_the_same():
    entries = [entry("a", i) for i in range(10)] + [entry("b", i) for i in range(2)]
    assert [one.sha256 for one in spread(entries, 6)] == ["a-0", "a-2", "a-5", "a-7", "b-0", "b-1"]
    assert spread(entries, 6) == spread(entries, 6)


@pytest.mark.parametrize("limit", [0, 12, 99])
def test_no_limit_or_a_large_one_takes_all(limit):
    entries = [entry("a", i) for i in range(12)]
    assert spread(entries, limit) == entries


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    root = tmp_path_factory.mktemp("held") / "fields"
    write_class_set(root, 2, seed=3, size_px=(96, 72))
    return root


def having_seen(bundle, **images):
    """The bundle as if its network or its trees had been fitted on these files."""

    def told(part, paths):
        hashes = [sha256_of_file(path) for path in paths]
        return replace(part, provenance={**part.provenance, "training_images": hashes})

    networks = dict(bundle.manifest.networks)
    networks["xincept_all"] = told(networks["xincept_all"], images.get("network", ()))
    trees = told(bundle.manifest.trees, images.get("trees", ()))
    return replace(bundle, manifest=replace(bundle.manifest, networks=networks, trees=trees))


def test_what_network_or_trees_were_fitted_on_is_not_held(ready_bundle, fields):
    files = sorted(path for path in fields.rglob("*") if path.suffix in (".png", ".jpg"))
    bundle = having_seen(open_bundle(ready_bundle), network=files[:2], trees=files[2:3])
    (folder,) = open_folders(bundle, [fields])
    assert {e.item.path for e in folder.seen} == set(files[:3])
    assert {e.item.path for e in folder.held} == set(files[3:])
    assert all(e.group.startswith("fields/") for e in folder.held)


def test_copies_of_a_held_image_count_once(ready_bundle, fields, tmp_path):
    root = tmp_path / "fields"
    for name in ("Benign", "Early"):
        (root / name).mkdir(parents=True)
    original = next((fields / "Benign").iterdir())
    for name in ("one", "two"):
        (root / "Benign" / f"{name}{original.suffix}").write_bytes(original.read_bytes())
    (folder,) = open_folders(open_bundle(ready_bundle), [root])
    assert len(folder.held) == 1


def test_a_folder_of_which_nothing_is_held_is_refused(ready_bundle, fields):
    files = [path for path in fields.rglob("*") if path.is_file()]
    bundle = having_seen(open_bundle(ready_bundle), network=files)
    with pytest.raises(InputError, match="has seen every image"):
        open_folders(bundle, [fields])
