from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.classes import CELL_TYPES, STAGES
from leukoscope.images.label_map import (
    FOLDER,
    LabelMap,
    built_in_maps,
    find_label_map,
    identity_map,
    load_label_map,
)

LABELS = {
    "iranian_all": ("xincept_all", list(STAGES)),
    "bccd": ("sg_cldff", ["NEUTROPHIL", "EOSINOPHIL", "BASOPHIL", "LYMPHOCYTE", "MONOCYTE"]),
    "wbc_tecom": ("sg_cldff", ["neutrophil", "eosinophil", "basophil", "lymphocyte", "monocyte"]),
    "all_idb2": ("sg_cldff", ["blast", "normal"]),
    "pbc": (
        "sg_cldff",
        [
            "neutrophil",
            "eosinophil",
            "basophil",
            "lymphocyte",
            "monocyte",
            "ig",
            "erythroblast",
            "platelet",
        ],
    ),
}


def written(folder: Path, text: str) -> Path:
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return folder / "map.toml"


@pytest.mark.parametrize("name", sorted(LABELS))
def test_each_set_finds_its_own_map(name):
    network, labels = LABELS[name]
    found = find_label_map(labels, network)
    assert (found.name, found.network) == (name, network)
    assert set(found.targets) == set(labels)
    assert all(found.target(label) for label in labels)


def test_no_other_maps_are_shipped():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LABELS)
    assert all(load_label_map(FOLDER / f"{name}.toml").name == name for name in LABELS)


def test_normal_is_everything_but_blast():
    found = find_label_map(["blast", "normal"], "sg_cldff")
    assert found.target("normal") == tuple(name for name in CELL_TYPES if name != "blast")
    assert found.target("blast") == ("blast",)


def test_targets_of_pbc():
    found = find_label_map(["ig", "platelet"], "sg_cldff")
    assert found.target("ig") == ("immature granulocyte",)
    assert found.target("erythroblast") == found.target("platelet") == ("other",)


def test_maps_agree_where_they_share_a_label():
    meanings: dict[tuple[str, str], set] = {}
    for network in ("xincept_all", "sg_cldff"):
        for one in [*built_in_maps(network), identity_map(network)]:
            for label in one.targets:
                meanings.setdefault((network, label), set()).add(one.target(label))
    assert all(len(targets) == 1 for targets in meanings.values())


@pytest.mark.parametrize(
    "label", ["NEUTROPHIL, EOSINOPHIL", "EOSINOPHIL,EOSINOPHIL", "", " ", None]
)
def test_several_cells_and_no_label_are_excluded(label):
    found = find_label_map([label, "MONOCYTE"], "sg_cldff")
    assert found.name == "bccd"
    assert found.target(label) is None


def test_an_unknown_label_is_refused_and_named():
    found = find_label_map(["NEUTROPHIL"], "sg_cldff")
    for label in ("neutrophil", "NEUTROPHIL, HOUSE"):
        with pytest.raises(InputError, match=f"bccd does not know the label '{label}'"):
            found.target(label)


def test_the_networks_own_names_need_no_map():
    found = find_label_map(["blast", "other", "lymphocyte"], "sg_cldff")
    assert found == identity_map("sg_cldff")
    assert [found.target(name) for name in CELL_TYPES] == [(name,) for name in CELL_TYPES]


def test_unknown_labels_are_named_with_the_maps_there_are():
    with pytest.raises(InputError) as error:
        find_label_map(["NEUTROPHIL", "hairy cell", "smudge"], "sg_cldff")
    text = str(error.value)
    assert "knows 'hairy cell', 'smudge'" in text and "NEUTROPHIL" not in text
    assert all(name in text for name in ("bccd", "pbc", "all_idb2", "wbc_tecom", "identity"))
    assert "--label-map FILE.toml" in text


def test_labels_of_two_sets_are_refused():
    with pytest.raises(InputError, match=r"'NEUTROPHIL', 'ig'"):
        find_label_map(["NEUTROPHIL", "ig"], "sg_cldff")


def test_maps_of_the_other_network_are_not_taken():
    with pytest.raises(InputError, match="no label map of xincept_all knows 'blast'"):
        find_label_map(["blast"], "xincept_all")


def test_no_labels_at_all_take_any_map():
    assert find_label_map([None, ""], "xincept_all").target(None) is None


def test_a_map_of_ones_own(tmp_path):
    path = written(
        tmp_path,
        'name = "ours"\nnetwork = "sg_cldff"\nexcluded = ["smudge"]\n'
        '[targets]\nLym = "lymphocyte"\n"A, B" = ["blast", "other"]\n',
    )
    found = load_label_map(path)
    wanted = {"Lym": ("lymphocyte",), "A, B": ("blast", "other"), "smudge": ()}
    assert found == LabelMap("ours", "sg_cldff", wanted)
    assert found.target("smudge") is None
    assert found.target("A, B") == ("blast", "other")
    assert found.target(" Lym ") == ("lymphocyte",)
    assert found.target("Lym, smudge") is None


HEAD = 'name = "x"\nnetwork = "sg_cldff"\n'


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no name|network"),
        ("= 3", "cannot be read"),
        ('name = ""\nnetwork = "sg_cldff"\n[targets]\na = "blast"', "no name"),
        ('name = "x"\nnetwork = "resnet"\n[targets]\na = "blast"', "'resnet' is none of"),
        ('name = "x"\nnetwork = ["sg_cldff"]\n[targets]\na = "blast"', "is none of"),
        (HEAD, "no targets"),
        (HEAD + "targets = 3", "no targets"),
        (HEAD + "[targets]", "no targets"),
        (HEAD + '[targets]\na = "Blast"', "'Blast', which is no class of sg_cldff"),
        (HEAD + "[targets]\na = [[1]]", "is no class"),
        (HEAD + "[targets]\na = []", "a has no class"),
        (HEAD + "[targets]\na = 1", "a has no class"),
        (HEAD + '[targets]\na = ["blast", "blast"]', "a names a class twice"),
        (HEAD + 'excluded = "a"\n[targets]\na = "blast"', "not a list"),
        (HEAD + 'excluded = ["a"]\n[targets]\na = "blast"', "both a target and excluded"),
        (HEAD + 'colour = "red"\n[targets]\na = "blast"', "unknown key colour"),
    ],
)
def test_bad_maps_are_refused(tmp_path, text, match):
    with pytest.raises(InputError, match=match) as error:
        load_label_map(written(tmp_path, text))
    assert "map.toml" in str(error.value)


def test_an_absent_map_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"map\.toml cannot be read"):
        load_label_map(tmp_path / "map.toml")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda t: (HEAD + t).encode()))
def test_any_bytes_are_a_map_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("map") / "map.toml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        load_label_map(path)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20) | st.lists(st.sampled_from(LABELS["bccd"][1])).map(", ".join))
def test_every_label_is_known_or_refused(label):
    found = load_label_map(FOLDER / "bccd.toml")
    if not found.knows(label):
        with pytest.raises(InputError):
            found.target(label)
        return
    target = found.target(label)
    assert (target is None) == (label.count(",") != 0 or not label.strip())
