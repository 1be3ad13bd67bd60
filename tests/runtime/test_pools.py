import pytest

from leukoscope.errors import InputError
from leukoscope.images.layouts import read_image_set
from leukoscope.images.painter.folders import write_class_set, write_mask_set
from leukoscope.runtime.pools import pools


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders of stages that share a name, and one of cells."""
    root = tmp_path_factory.mktemp("pools")
    write_class_set(root / "here" / "site", 1, 1, size_px=(96, 64))
    write_class_set(root / "there" / "site", 1, 2, size_px=(96, 64))
    write_mask_set(root / "cells", 4, 3)
    return [read_image_set(root / name) for name in ("here/site", "there/site", "cells")]


def test_each_network_has_the_folders_that_fit_it(toy_bundle, folders):
    found = pools(toy_bundle, folders)
    assert {name: len(pool.items) for name, pool in found.items()} == {
        "xincept_all": 8,
        "sg_cldff": 4,
    }
    assert found["xincept_all"].groups_inferred
    assert {label_map.network for _, label_map in found["sg_cldff"].items} == {"sg_cldff"}


def test_names_and_groups_of_folders_of_one_name_stay_apart(toy_bundle, folders):
    items = [item for item, _ in pools(toy_bundle, folders)["xincept_all"].items]
    assert {item.group.rsplit("/", 2)[0] for item in items} == {"here/site", "there/site"}
    assert len({item.name for item in items}) == 8


def test_of_one_folder_the_names_stay_as_they_are(toy_bundle, folders):
    items = [item for item, _ in pools(toy_bundle, folders[:1])["xincept_all"].items]
    assert items[0].name == "Benign/field-0000.png" and items[0].group.startswith("site/")


def test_folders_beside_them_count_for_the_names_of_groups(toy_bundle, folders):
    here, there, _ = folders
    found = pools(toy_bundle, [here], beside=[there.root])["xincept_all"]
    assert found.folders[0][1] == "here/site"


def test_a_folder_that_is_given_twice_or_fits_nothing_is_refused(toy_bundle, folders, tmp_path):
    with pytest.raises(InputError, match="given twice"):
        pools(toy_bundle, [folders[0], folders[0]])
    write_class_set(tmp_path / "d", 1, 1, size_px=(96, 64))
    (tmp_path / "d" / "Pro").rename(tmp_path / "d" / "Dragons")
    with pytest.raises(InputError, match="Dragons"):
        pools(toy_bundle, [folders[0], read_image_set(tmp_path / "d")])
