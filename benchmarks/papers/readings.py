"""The columns of the tables: what is read from a cell's result, and how it is called."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.papers.cells import MASK_SETS, TYPE_SETS, Cell
from benchmarks.papers.store import Result

Results = Mapping[Cell, Result]
Reading = Callable[[Result], float | None]
BySeed = dict[int, float]
PARTS = ("cell", "nucleus", "cytoplasm")


@dataclass(frozen=True)
class Column:
    """A heading, and what of a result stands below it."""

    heading: str
    reading: Reading


def read(result: Result, *keys: str) -> float | None:
    """A figure by its path; None where the result has none."""
    value = result["figures"]
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) else None


def seeds_of(cells: Iterable[Cell], results: Results, reading: Reading) -> BySeed:
    """{seed: figure} of the cells that are there and have it."""
    found = {cell.seed: reading(results[cell]) for cell in cells if cell in results}
    return {seed: value for seed, value in found.items() if value is not None}


PARAMETERS = Column("parameters", lambda result: result["parameters"])
GFLOP = Column("GFLOP", lambda result: result["gflop"])
COST = (PARAMETERS, GFLOP)


def mask_columns(name: str) -> list[Column]:
    """IoU and Dice on the set `name`."""
    return [
        Column(f"{what} {part}", _of_set(name, what.lower(), part))
        for what in ("IoU", "Dice")
        for part in PARTS
    ]


def type_columns(name: str) -> list[Column]:
    """Types and evidence on the set `name`."""
    return [
        Column("cells typed", _of_set(name, "types", "n")),
        Column("accuracy", _of_set(name, "types", "accuracy")),
        Column("F1", _of_set(name, "types", "f1_macro")),
        Column("balanced accuracy", _of_set(name, "types", "balanced_accuracy")),
        Column("evidence on cells", _of_set(name, "evidence", "energy")),
        Column("cells' area", _of_set(name, "evidence", "area")),
    ]


def mean_columns() -> list[Column]:
    """Means over the sets, none counting more than another."""
    every = (*MASK_SETS, *TYPE_SETS)
    return [
        *(Column(f"IoU {part}", _mean_of_sets(MASK_SETS, "iou", part)) for part in PARTS),
        Column("types accuracy", _mean_of_sets(every, "types", "accuracy")),
        Column("types F1", _mean_of_sets(every, "types", "f1_macro")),
        Column("evidence on cells", _mean_of_sets(MASK_SETS, "evidence", "energy")),
    ]


def stage_columns(voter: str) -> list[Column]:
    """Of `trees` or `head`."""
    return [
        Column("accuracy", lambda result: read(result, voter, "accuracy")),
        Column("F1", lambda result: read(result, voter, "f1_macro")),
        Column("recall of the rarest class", lambda result: _rarest(result, voter)),
        Column("lowest recall", lambda result: min(_values(result, voter, "recall"), default=None)),
        Column("accuracy, mean of shifts", lambda result: _mean(_values(result, voter, "shifted"))),
        Column("worst shift", lambda result: min(_values(result, voter, "shifted"), default=None)),
    ]


def _of_set(name: str, *keys: str) -> Reading:
    return lambda result: read(result, "sets", name, *keys)


def _mean_of_sets(names: Sequence[str], *keys: str) -> Reading:
    def reading(result: Result) -> float | None:
        values = [read(result, "sets", name, *keys) for name in names]
        known = [value for value in values if value is not None]
        return _mean(known) if len(known) == len(names) else None

    return reading


def _rarest(result: Result, voter: str) -> float | None:
    return read(result, voter, "recall", result["figures"].get("rarest", ""))


def _values(result: Result, *keys: str) -> list[float]:
    found = result["figures"]
    for key in keys:
        found = found.get(key, {})
    return list(found.values())


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
