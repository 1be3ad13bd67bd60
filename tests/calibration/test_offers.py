import pytest
from small_sets import Notes, bare_bundle, write_cells, write_stages

from leukoscope.calibration.offers import read_offers
from leukoscope.errors import InputError


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    return write_stages(tmp_path_factory.mktemp("data") / "stages", 2)


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return write_cells(tmp_path_factory.mktemp("data") / "cells", ["blast", "monocyte"] * 2)


def test_labels_and_layout_decide_for_whom_a_folder_is(stages, cells):
    offers = read_offers(bare_bundle(), [str(cells), str(stages)])
    assert list(offers) == ["xincept_all", "sg_cldff"], "the bundle's order"
    assert [one.images.root for one in offers["xincept_all"]] == [stages]
    assert [one.images.root for one in offers["sg_cldff"]] == [cells]
    assert offers["sg_cldff"][0].label_map.target("blast") == ("blast",)


def test_a_prefix_wins(tmp_path):
    root = write_cells(tmp_path / "d", ["Benign", "Pro"])
    with pytest.raises(InputError, match="sg_cldff"):
        read_offers(bare_bundle(), [str(root)])
    offers = read_offers(bare_bundle(), [f"xincept_all={root}"])
    assert list(offers) == ["xincept_all"]


def test_several_folders_for_a_network_stay_in_order(stages, tmp_path):
    more = write_stages(tmp_path / "more", 1)
    offers = read_offers(bare_bundle(), [str(more), f"xincept_all={stages}"])["xincept_all"]
    assert [one.images.root for one in offers] == [more, stages]


def test_a_network_without_data_is_named_and_absent(stages):
    notes = Notes()
    assert "sg_cldff" not in read_offers(bare_bundle(), [str(stages)], None, notes)
    assert "sg_cldff: --data has nothing for it, so it is left alone" in notes
    gate = Notes()
    read_offers(bare_bundle(), [str(stages)], None, gate, option="--gate-data")
    assert "sg_cldff: --gate-data has nothing for it" in gate


def test_a_folder_whose_name_has_an_equals_sign_is_a_folder(tmp_path, monkeypatch):
    write_stages(tmp_path / "stain=giemsa", 1)
    assert read_offers(bare_bundle(), [str(tmp_path / "stain=giemsa")])
    monkeypatch.chdir(tmp_path)
    assert read_offers(bare_bundle(), ["stain=giemsa"])["xincept_all"]
    assert read_offers(bare_bundle(), ["xincept_all=stain=giemsa"])["xincept_all"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("sg_cldff={stages}", "sg_cldff"),
        ("resnet={stages}", "resnet"),
        ("xincept_all=", "names no folder"),
        ("{stages}/Pro", "no images in class folders"),
        ("no-such-folder", "no such folder"),
        ("xincept_all=no-such-folder", "no such folder"),
    ],
)
def test_what_fits_no_network_is_refused_by_name(spec, words, stages):
    with pytest.raises(InputError, match=words):
        read_offers(bare_bundle(), [spec.format(stages=stages)])


def test_a_network_that_the_bundle_lacks_is_refused(stages):
    with pytest.raises(InputError, match="no network sg_cldff"):
        read_offers(bare_bundle(("xincept_all",)), [f"sg_cldff={stages}"])


def test_nothing_offered_is_an_error():
    with pytest.raises(InputError, match=r"no --gate-data.*--gate-data \[NETWORK=\]DIR"):
        read_offers(bare_bundle(), [], option="--gate-data")


@pytest.mark.parametrize("again", ["{0}", "xincept_all={0}", "{0}/", "{0}/../stages"])
def test_a_folder_twice_for_one_network_is_refused(again, stages):
    with pytest.raises(InputError, match="given twice for xincept_all"):
        read_offers(bare_bundle(), [str(stages), again.format(stages)])


def test_a_folder_may_serve_two_networks(tmp_path):
    root = write_cells(tmp_path / "d", [])
    (root / "labels.csv").unlink()
    write_cells(tmp_path / "e", ["blast"])
    (tmp_path / "e" / "images" / "0000.png").rename(root / "images" / "0000.png")
    specs = [f"xincept_all={root}", f"sg_cldff={root}"]
    offers = read_offers(bare_bundle(), specs)
    assert [offers[name][0].label_map for name in ("xincept_all", "sg_cldff")] == [None, None]


def test_a_label_map_is_for_the_folders_that_it_fits(stages, tmp_path):
    cells = write_cells(tmp_path / "c", ["LY", "BL"])
    path = tmp_path / "map.toml"
    path.write_text('name = "ours"\nnetwork = "sg_cldff"\n[targets]\nLY="lymphocyte"\nBL="blast"\n')
    offers = read_offers(bare_bundle(), [str(stages), str(cells)], path)
    assert offers["sg_cldff"][0].label_map.name == "ours"
    assert offers["xincept_all"][0].label_map.name != "ours"
    prefixed = read_offers(bare_bundle(), [f"xincept_all={stages}", f"sg_cldff={cells}"], path)
    assert prefixed["sg_cldff"][0].label_map.name == "ours"


def test_a_label_that_neither_the_given_nor_a_built_in_map_knows_is_the_given_maps_error(tmp_path):
    cells = write_cells(tmp_path / "c", ["LY", "XX"])
    path = tmp_path / "map.toml"
    path.write_text('name = "ours"\nnetwork = "sg_cldff"\n[targets]\nLY = "lymphocyte"\n')
    with pytest.raises(InputError, match="ours does not know the label 'XX'"):
        read_offers(bare_bundle(), [str(cells)], path)
