"""Results in words, for lines on the terminal and the heads of pictures."""

from collections import Counter
from collections.abc import Mapping

from leukoscope.runtime.field import Result


def describe_field(result: Result) -> str:
    """One line: `smear_01: Early 0.93 (trees); 3 white cells: 3 blast [low probability]`."""
    vote = result.vote
    judged = f"{vote.stage} {vote.probabilities[vote.stage]:.2f} ({vote.voter}); " if vote else ""
    flags = ", ".join(flag.replace("_", " ") for flag in result.flags)
    return f"{result.frame.name}: {judged}{count_cells(result)}{f' [{flags}]' if flags else ''}"


def count_cells(result: Result) -> str:
    """The cells by type: `3 white cells: 2 blast, 1 lymphocyte; 1 other`."""
    if result.mask is None:
        return "cells not sought: no SG-CLDFF in this bundle"
    return list_cells(Counter(cell.type for cell in result.cells))


def list_cells(types: Mapping[str, int]) -> str:
    """Counts by type in words, the commonest first, what is no white cell last."""
    white = Counter(types)
    others = white.pop("other", 0)
    total = sum(white.values())
    listed = ", ".join(f"{count} {name}" for name, count in white.most_common())
    text = f"{total or 'no'} white cell{'' if total == 1 else 's'}{': ' if listed else ''}{listed}"
    return f"{text}; {others} other" if others else text
