"""The tables, in Markdown, from whatever cells are there."""

from collections.abc import Sequence

from benchmarks.papers.cells import BY_GROUP, LEFT_OUT, MASK_SETS, SEEDS, TYPE_SETS, Cell
from benchmarks.papers.numbers import spread
from benchmarks.papers.readings import (
    COST,
    Column,
    Results,
    mask_columns,
    mean_columns,
    read,
    seeds_of,
    stage_columns,
    type_columns,
)
from benchmarks.papers.rows import NONE, Line, absent_row, difference_row, row, seeds, table
from benchmarks.papers.variants import BASELINE, SG_CLDFF, WHOLE, XINCEPT_ALL, Variant

TITLES = {"sg_cldff": "SG-CLDFF", "unet": "U-Net", "resnet": "ResNet", "swin": "Swin"}
ABSENT_MASK_SETS = ("LISC", "ALL-IDB1")
VOTERS = ("trees", "head")


def left_out(results: Results) -> str:
    """Masks, then types, on a mask set that the training never saw."""
    return "\n\n".join(
        _by_set(("sg_cldff", "unet"), MASK_SETS, LEFT_OUT, kind, results)
        for kind in ("masks", "types")
    )


def by_group(results: Results) -> str:
    """Masks, then types, on the held-out part of each set, beside other designs."""
    masks = _by_set(tuple(TITLES), MASK_SETS, BY_GROUP, "masks", results)
    types = _by_set(tuple(TITLES), (*MASK_SETS, *TYPE_SETS), BY_GROUP, "types", results)
    return f"{masks}\n\n{types}"


def stages(results: Results) -> str:
    """XIncept-ALL beside other classifiers, and beside what colour alone achieves."""
    whole = _seeds("stages", "xincept_all", WHOLE.name)
    designs = [("XIncept-ALL", whole)]
    designs += [(TITLES[name], _seeds("stages", name)) for name in ("resnet", "swin")]
    lines = [(Line((title, voter), cells), voter) for title, cells in designs for voter in VOTERS]
    heads = ("iranian_all", "voter", "seeds", *_headings([*stage_columns("head"), *COST]))
    rows = [row(line, [*stage_columns(voter), *COST], results) for line, voter in lines]
    for key in ("nearest_mean_colour", "nearest_mean_and_spread"):
        floor = seeds_of(whole, results, lambda result, key=key: read(result, "colour", key))  # type: ignore[misc]
        words = [key.replace("_", " "), "colour alone", seeds(whole, results)]
        rows.append([*words, spread(list(floor.values())), *[NONE] * (len(heads) - 4)])
    return table(heads, [*rows, absent_row(("Pak-ALL", NONE), len(heads))])


def sg_cldff(results: Results) -> str:
    """SG-CLDFF's ablation: means over the sets, then the differences seed by seed."""
    lines = _variant_lines("masks", "sg_cldff", SG_CLDFF)
    columns = [*mean_columns(), *COST]
    found = table(
        ("SG-CLDFF, nano", "seeds", *_headings(columns)),
        [row(line, columns, results) for line in lines],
    )
    pairs = [(column, column) for column in mean_columns()]
    less = [difference_row(line, lines[0], pairs, results) for line in lines[1:]]
    return f"{found}\n\n{table(('less the whole', 'seeds', *_headings(mean_columns())), less)}"


def xincept_all(results: Results) -> str:
    """XIncept-ALL's ablation by trees and by head, then the differences seed by seed."""
    lines = _variant_lines("stages", "xincept_all", XINCEPT_ALL)
    rows = [
        row(Line((*line.words, voter), line.cells), [*stage_columns(voter), *COST], results)
        for line in lines
        for voter in VOTERS
    ]
    heads = _headings(stage_columns("trees"))
    found = table(("XIncept-ALL, nano", "voter", "seeds", *heads, *_headings(COST)), rows)
    trees, head = stage_columns("trees"), stage_columns("head")
    same = list(zip(trees, trees, strict=True))
    less = [difference_row(line, lines[0], same, results) for line in lines[1:]]
    other = Line(("head instead of trees",), lines[0].cells)
    less.append(difference_row(other, lines[0], list(zip(head, trees, strict=True)), results))
    return f"{found}\n\n{table(('less the whole, trees', 'seeds', *heads), less)}"


def _by_set(
    networks: Sequence[str], sets: Sequence[str], split: str, kind: str, results: Results
) -> str:
    columns = mask_columns if kind == "masks" else type_columns
    rows = []
    for name in sets:
        where = split + name if split == LEFT_OUT else split
        for network in networks:
            cells = _seeds("masks", network, split=where)
            rows.append(row(Line((name, TITLES[network]), cells), [*columns(name), *COST], results))
    first = "left out, measured on" if split == LEFT_OUT else "held part of"
    heads = (first, "network", "seeds", *_headings([*columns(""), *COST]))
    return table(heads, [*rows, *(absent_row((one, NONE), len(heads)) for one in ABSENT_MASK_SETS)])


def _variant_lines(task: str, network: str, variants: Sequence[Variant]) -> list[Line]:
    return [Line((one.says,), _seeds(task, network, one.name)) for one in variants]


def _seeds(task: str, network: str, name: str = "", split: str = BY_GROUP) -> list[Cell]:
    usual = WHOLE.name if network in ("sg_cldff", "xincept_all") else BASELINE.name
    return [Cell(task, network, name or usual, split, seed) for seed in SEEDS]


def _headings(columns: Sequence[Column]) -> list[str]:
    return [column.heading for column in columns]
