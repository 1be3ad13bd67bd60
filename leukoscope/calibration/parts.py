"""Three parts by whole groups: images for the ranges, for the search of layers, and for the gate."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from leukoscope.calibration.candidates import Candidate, LeftOut
from leukoscope.calibration.spread import equal_shares, farthest_points, standardised
from leukoscope.errors import InputError
from leukoscope.images.groups import split

Part = Literal["ranges", "search", "gate"]
PARTS: tuple[Part, ...] = ("ranges", "search", "gate")
SHARES = {"ranges": 0.35, "search": 0.25, "gate": 0.40}
SHARES_WITHOUT_GATE = {"ranges": 0.35 / 0.6, "search": 0.25 / 0.6}
LEAST = {"ranges": 16, "search": 8}
"""Images, below which a range or a search is a matter of luck (our choice)."""

Parts = dict[str, list[Candidate]]


def deal(candidates: Sequence[Candidate], seed: int) -> Parts:
    """Ranges, search and gate where one set of data must give all three.

    What lies near the training could never judge, so where it is enough the ranges and the search are made of it, and
    all the rest is the gate's. Else the rest is dealt out in three by `SHARES`, and the ranges have the near ones too.
    """
    close = [one for one in candidates if one.near]
    fresh = [one for one in candidates if not one.near]
    if not fresh or _suffices(close, candidates, seed):
        return {**deal_without_gate(close, seed), "gate": fresh}
    parts = split(fresh, SHARES, seed)
    return {**parts, "ranges": close + parts["ranges"]}


def deal_without_gate(candidates: Sequence[Candidate], seed: int) -> Parts:
    """Ranges and search by whole groups; InputError where there is but one group."""
    return split(candidates, SHARES_WITHOUT_GATE, seed)


def agreeing(candidates: Sequence[Candidate], left_out: LeftOut) -> list[Candidate]:
    """Without images that are there under several labels: nobody knows which of them is right."""
    labels: dict[str, set[str]] = {}
    for one in candidates:
        labels.setdefault(one.pixels_sha256, set()).add(one.label)
    kept = []
    for one in candidates:
        if len(labels[one.pixels_sha256] - {""}) > 1:
            left_out.add("labelled twice", one.name)
        else:
            kept.append(one)
    return kept


def each_once(candidates: Sequence[Candidate], left_out: LeftOut) -> list[Candidate]:
    """Without copies, which have the same pixels; of several, the one near the training stays, then the first by name."""
    taken: set[str] = set()
    kept = []
    for one in sorted(candidates, key=lambda one: (not one.near, one.group, one.name)):
        if one.pixels_sha256 in taken:
            left_out.add("duplicate", one.name)
        else:
            kept.append(one)
        taken.add(one.pixels_sha256)
    return sorted(kept, key=lambda one: (one.group, one.name))


def pick(candidates: Sequence[Candidate], count: int, left_out: LeftOut) -> list[Candidate]:
    """At most `count`: equal shares of the labels, and in each those that differ most in stain, light and size."""
    by_label: dict[str, list[int]] = {}
    for index, one in enumerate(candidates):
        by_label.setdefault(one.label, []).append(index)
    shares = equal_shares(Counter(one.label for one in candidates), count)
    points = standardised(np.stack([one.features for one in candidates]))
    taken = {
        members[place]
        for label, members in by_label.items()
        for place in farthest_points(points[members], shares[label])
    }
    for index in sorted(set(range(len(candidates))) - taken):
        left_out.add("more than --images", candidates[index].name)
    return [candidates[index] for index in sorted(taken)]


def check_part(part: str, network: str, candidates: Sequence[Candidate], left_out: LeftOut) -> None:
    """InputError where a part has too few images."""
    if len(candidates) < LEAST[part]:
        raise InputError(
            f"{len(candidates)} images for the {part} part of {network}{left_out.counts()}",
            wanted=f"at least {LEAST[part]}, of other groups than the other parts",
            next_step="add images to --data, or a groups.csv with finer groups",
        )


def _suffices(close: Sequence[Candidate], candidates: Sequence[Candidate], seed: int) -> bool:
    """Whether ranges and search can be made of what lies near the training."""
    one_label = len({one.label for one in close}) < 2 <= len({one.label for one in candidates})
    if one_label or len({one.group for one in close}) < 2:
        return False
    parts = deal_without_gate(close, seed)
    return all(len(parts[part]) >= least for part, least in LEAST.items())
