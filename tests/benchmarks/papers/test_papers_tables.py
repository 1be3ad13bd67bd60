"""Tables of made-up results: every figure in its place, and 'not run' where there is none."""

import pytest

from benchmarks.papers import tables
from benchmarks.papers.cells import Cell, all_cells
from benchmarks.papers.page import SECTIONS, account, fill, sections, write_page
from leukoscope.errors import InputError


def masks(iou=0.8, energy=0.6):
    parts = {"cell": iou, "nucleus": iou + 0.1, "cytoplasm": iou - 0.1}
    one = {
        "iou": parts,
        "dice": parts,
        "types": {"n": 40, "accuracy": 0.7, "f1_macro": 0.6, "balanced_accuracy": 0.65},
        "evidence": {"energy": energy, "area": 0.2},
    }
    types_only = {"types": one["types"]}
    return {"sets": {"bccd": one, "wbc_tecom": one, "all_idb2": one, "pbc": types_only}}


def stages(trees=0.9, head=0.85):
    def votes(accuracy):
        return {
            "accuracy": accuracy,
            "f1_macro": accuracy,
            "recall": {"Benign": 0.5, "Pro": 0.4},
            "shifted": {"darker": 0.3, "warmer": 0.5},
        }

    colour = {"nearest_mean_colour": 0.95, "nearest_mean_and_spread": 0.98}
    return {"trees": votes(trees), "head": votes(head), "rarest": "Benign", "colour": colour}


def cell(task, network, variant, seed=1, split="by-group"):
    found = Cell(task, network, variant, split, seed)
    assert found in all_cells()
    return found


def line_of(text, *words):
    lines = [line for line in text.splitlines() if all(f"| {word} |" in line for word in words)]
    return [part.strip() for part in lines[0].strip("|").split("|")]


def test_without_any_cell_every_row_says_so():
    for name, text in sections({}).items():
        assert "0 of" in text
        rows = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
        bodies = [row for row in rows if "not run" in row]
        # One heading each table, and nothing else without the words.
        assert len(rows) - len(bodies) == text.count("| --- |\n"), name


def test_every_table_has_as_many_words_in_each_row():
    for text in sections({}).values():
        for block in text.split("\n\n"):
            widths = {line.count("|") for line in block.splitlines() if line.startswith("|")}
            assert len(widths) <= 1


def test_every_cell_stands_in_a_section():
    for one in all_cells():
        assert any(section.holds(one) for section in SECTIONS), one.name


def test_seeds_are_summed_up_and_named(make_result):
    results = {
        cell("masks", "sg_cldff", "whole", seed): make_result(masks(iou))
        for seed, iou in ((1, 0.7), (3, 0.8))
    }
    row = line_of(tables.sg_cldff(results), "whole")
    assert row[1] == "1, 3"
    assert row[2].startswith("0.750 (0.700..0.800")
    assert row[5].startswith("0.700") and row[7].startswith("0.600")
    assert row[-2:] == ["0.50 M", "0.50"]


def test_a_mean_over_sets_needs_them_all(make_result):
    figures = masks()
    del figures["sets"]["bccd"]
    text = tables.sg_cldff({cell("masks", "sg_cldff", "whole"): make_result(figures)})
    assert line_of(text, "whole")[2] == "-"


def test_differences_take_the_whole_of_the_same_seed(make_result):
    results = {
        cell("masks", "sg_cldff", "whole", 1): make_result(masks(0.8)),
        cell("masks", "sg_cldff", "plain", 1): make_result(masks(0.7)),
        cell("masks", "sg_cldff", "plain", 2): make_result(masks(0.1)),
    }
    less = tables.sg_cldff(results).split("\n\n")[1]
    row = line_of(less, "plain: all of these off, no Swin")
    assert row[1:3] == ["1", "-0.100 (1 of 1)"]


def test_left_out_sets_stand_apart_from_held_parts(make_result):
    results = {
        cell("masks", "unet", "baseline", 1, "without-bccd"): make_result(masks(0.4)),
        cell("masks", "unet", "baseline", 1): make_result(masks(0.9)),
    }
    assert line_of(tables.left_out(results), "bccd", "U-Net")[3] == "0.400"
    assert line_of(tables.by_group(results), "bccd", "U-Net")[3] == "0.900"
    assert line_of(tables.left_out(results), "bccd", "SG-CLDFF")[2] == "not run"
    assert line_of(tables.left_out(results), "LISC")[2] == "not run: not at hand"


def test_trees_and_head_are_rows_of_one_run(make_result):
    results = {cell("stages", "xincept_all", "whole"): make_result(stages(0.9, 0.85))}
    text = tables.xincept_all(results)
    trees, head = line_of(text, "whole", "trees"), line_of(text, "whole", "head")
    assert (trees[3], head[3]) == ("0.900", "0.850")
    assert trees[5:9] == ["0.500", "0.400", "0.400", "0.300"]
    assert line_of(text, "head instead of trees")[2] == "-0.050 (1 of 1)"


def test_the_floor_of_colour_stands_beside_the_networks(make_result):
    results = {cell("stages", "xincept_all", "whole"): make_result(stages())}
    text = tables.stages(results)
    assert line_of(text, "nearest mean colour", "colour alone")[2:4] == ["1", "0.950"]
    assert line_of(text, "Pak-ALL")[2] == "not run: not at hand"


def test_the_account_names_views_times_machine_and_images(make_result):
    one, other = cell("masks", "unet", "baseline", 1), cell("masks", "unet", "baseline", 2)
    text = account([one, other], {one: make_result({})})
    for words in (
        "1 of 2 cells",
        "views a cell 96",
        "wall time a cell 7 s",
        "a machine",
        "`held` 3",
    ):
        assert words in text
    mixed = {one: make_result({}), other: make_result({}, data_sha256="other")}
    assert "run it again" in account([one, other], mixed)
    assert "run it again" not in text


def test_a_page_keeps_its_prose(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- papers: a -->\nold\n<!-- end of a -->\nafter\n")
    write_page(page, {"a": "new"})
    write_page(page, {"a": "newer"})
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "newer" in text and "old" not in text and text.count("new") == 1


@pytest.mark.parametrize("page", ["", "<!-- papers: a -->", "<!-- end of a --><!-- papers: a -->"])
def test_a_page_without_its_markers_is_refused(page):
    with pytest.raises(InputError, match="section a"):
        fill(page, {"a": "new"})
