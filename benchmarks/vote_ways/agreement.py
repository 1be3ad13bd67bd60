"""Whether the ways say the same: a fast answer that is another answer does not count."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vote_ways.answer import Answer, AnswerWay
from vote_ways.case import Case


@dataclass(frozen=True)
class Agreement:
    """Of one way with the reference, over all frames of the case."""

    same_votes: int
    frames: int
    probability_error: float
    """Greatest difference of one class's probability."""
    map_error: float
    """Greatest difference of one pixel of the map, which goes from 0 to 1; of frames with the same vote."""
    map_correlation: float
    """Median of Pearson's over those frames: what the greatest difference does not tell of INT8."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def agreements(ways: Mapping[str, AnswerWay], case: Case, reference: str) -> dict[str, Agreement]:
    """By way; `reference` is one of them."""
    expected = [ways[reference](frame) for frame in case.frames]
    return {
        name: _compare([way(frame) for frame in case.frames], expected)
        for name, way in ways.items()
    }


def _compare(found: list[Answer], expected: list[Answer]) -> Agreement:
    pairs = list(zip(found, expected, strict=True))
    same = [(mine, theirs) for mine, theirs in pairs if mine.voted == theirs.voted]
    maps = [float(np.abs(mine.heat - theirs.heat).max()) for mine, theirs in same]
    return Agreement(
        len(same),
        len(pairs),
        max(float(np.abs(a.probabilities - b.probabilities).max()) for a, b in pairs),
        max(maps, default=1.0),
        float(np.median([_correlation(a.heat, b.heat) for a, b in same] or [0.0])),
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if not a.std() or not b.std():
        return float(bool(a.std()) == bool(b.std()))
    return float(np.corrcoef(a.reshape(-1), b.reshape(-1))[0, 1])
