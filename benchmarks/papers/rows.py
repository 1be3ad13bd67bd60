"""Rows and tables in Markdown: figures of several seeds, differences, and what has not been run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.papers.cells import Cell
from benchmarks.papers.numbers import difference, number_range, spread
from benchmarks.papers.readings import Column, Results, seeds_of

NOT_RUN = "not run"
NOT_AT_HAND = "not run: not at hand"
NONE = "-"


@dataclass(frozen=True)
class Line:
    """A row: its first words, and the cells, one a seed, that it sums up."""

    words: tuple[str, ...]
    cells: Sequence[Cell]


def row(line: Line, columns: Sequence[Column], results: Results) -> list[str]:
    """Words, seeds, then mean and spread in each column."""
    figures = [
        _figure(column.heading, list(seeds_of(line.cells, results, column.reading).values()))
        for column in columns
    ]
    return [*line.words, seeds(line.cells, results), *figures]


def difference_row(
    line: Line, whole: Line, columns: Sequence[tuple[Column, Column]], results: Results
) -> list[str]:
    """Words, seeds, then the line's figure less the whole's, for each pair of (line's, whole's) columns."""
    both = [cell for cell in line.cells if _twin(cell, whole.cells, results)]
    figures = [
        difference(
            seeds_of(line.cells, results, ours.reading), seeds_of(whole.cells, results, its.reading)
        )
        for ours, its in columns
    ]
    return [*line.words, seeds(both, results), *figures]


def seeds(cells: Iterable[Cell], results: Results) -> str:
    """`1, 2, 3`, or that it has not been run."""
    return ", ".join(str(cell.seed) for cell in cells if cell in results) or NOT_RUN


def absent_row(words: Sequence[str], width: int) -> list[str]:
    """A data set that nobody here has."""
    return [*words, NOT_AT_HAND, *[NONE] * (width - len(words) - 1)]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _figure(heading: str, values: Sequence[float]) -> str:
    if not values:
        return NONE
    if heading == "parameters":
        return f"{values[0] / 1e6:.2f} M"
    if heading == "GFLOP":
        return f"{values[0]:.2f}"
    return number_range(values) if heading == "cells typed" else spread(values)


def _twin(cell: Cell, others: Iterable[Cell], results: Results) -> bool:
    return any(other.seed == cell.seed and other in results for other in others)
