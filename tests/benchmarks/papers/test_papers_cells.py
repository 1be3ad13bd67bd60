from collections import Counter

from benchmarks.papers.budget import BUDGETS, digest_of, settings_of
from benchmarks.papers.cells import MASK_SETS, Cell, all_cells
from benchmarks.papers.variants import SG_CLDFF, XINCEPT_ALL


def test_every_cell_is_there_once_and_names_a_file():
    cells = all_cells()
    names = Counter(cell.name for cell in cells)
    assert max(names.values()) == 1
    wanted = 3 * (len(SG_CLDFF) + len(XINCEPT_ALL) + 2 * len(MASK_SETS) + 5)
    assert len(cells) == wanted


def test_the_most_telling_cells_come_first():
    cells = all_cells()
    first = len(SG_CLDFF) + len(XINCEPT_ALL)
    assert all(cell.seed == 1 and not cell.left_out for cell in cells[:first])
    assert all(cell.left_out for cell in cells[first : first + 6])
    assert all(cell.variant == "baseline" for cell in cells[first + 6 : first + 11])
    assert {cell.seed for cell in cells[first + 11 :]} == {2, 3}


def test_a_cell_that_leaves_a_set_out_still_reads_it():
    cell = Cell("masks", "unet", "baseline", "without-bccd", 1)
    assert cell.left_out == "bccd"
    assert "bccd" in cell.sets
    assert Cell("stages", "resnet", "baseline", "by-group", 1).left_out == ""


def test_no_two_cells_share_a_digest_and_words_do_not_count():
    digests = {digest_of(settings_of(cell, BUDGETS[cell.task])) for cell in all_cells()}
    assert len(digests) == len(all_cells())
    settings = settings_of(all_cells()[0], BUDGETS["masks"])
    assert "says" not in settings["variant"]


def test_each_variant_of_the_ablation_changes_what_it_says():
    sg = {one.name: one.to_json() for one in SG_CLDFF}
    assert sg["no-saliency"]["changes"] == {"saliency": False}
    assert sg["no-cross-layer"]["changes"] == {"cross_layer": False}
    assert sg["no-alignment"]["losses"] == {**sg["whole"]["losses"], "saliency": 0, "evidence": 0}
    assert sg["plain"]["changes"] == {"saliency": False, "cross_layer": False, "swin": False}
    assert not sg["plain"]["outlines"]
    xi = {one.name: one.to_json() for one in XINCEPT_ALL}
    assert xi["inception-alone"]["changes"] == {"xception": False}
    assert xi["xception-alone"]["changes"] == {"inception": False}
    assert xi["no-fusion-blocks"]["changes"] == {"fusion_blocks": False}
    assert not xi["no-auto-augment"]["auto_augment"] and xi["no-auto-augment"]["jitter"] == 1
    assert not xi["no-balancing"]["balanced"]
    assert xi["no-colour"]["jitter"] == 0
