import importlib.util
from pathlib import Path

import pytest

from leukoscope.images.public_sets.sets import PUBLIC_SETS

REPOSITORY = Path(__file__).resolve().parents[3]
STAGES = ("Benign", "Early", "Pre", "Pro")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location(
        "convert_dataset", REPOSITORY / "tools" / "convert_dataset.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(PUBLIC_SETS))
def test_a_set_says_what_it_is_and_whom_to_cite(name):
    one = PUBLIC_SETS[name]
    assert one.name == name
    assert all((one.title, one.citation, one.terms, one.origin, one.wanted))
    assert f"`{name}`" in (REPOSITORY / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_the_tool_converts_and_says_what_it_did(tool, root, make, tmp_path, capsys):
    for seed, stage in enumerate(STAGES):
        make(f"{stage}/a.jpg", seed)
    assert tool.main(["iranian_all", str(root), "-o", str(tmp_path / "out")]) == 0
    words = capsys.readouterr().err
    assert "4 images (1 Benign, 1 Early, 1 Pre, 1 Pro)" in words
    assert "groups not known" in words and "cite: Ghaderzadeh" in words and "terms: do not" in words


def test_the_tool_exits_1_where_something_could_not_be_read(tool, root, make, tmp_path, capsys):
    for seed, stage in enumerate(STAGES):
        make(f"{stage}/a.jpg", seed)
    (root / "Pre" / "b.jpg").write_bytes(b"words")
    assert tool.main(["pak_all", str(root), "-o", str(tmp_path / "out")]) == 1
    assert "b.jpg" in capsys.readouterr().err and (tmp_path / "out" / "Pre" / "a.jpg").exists()


def test_the_tools_errors_are_one_line(tool, tmp_path, capsys):
    assert tool.main(["pbc", str(tmp_path / "none"), "-o", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.strip().count("\n") == 0
    masks = ["--masks", str(tmp_path)]
    assert tool.main(["pbc", str(tmp_path), "-o", str(tmp_path / "out"), *masks]) == 2
    with pytest.raises(SystemExit) as stopped:
        tool.main(["imagenet", str(tmp_path), "-o", "x"])
    assert stopped.value.code == 2
