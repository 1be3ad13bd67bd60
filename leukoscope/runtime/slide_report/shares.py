"""Shares of fields or cells, each with its interval by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.runtime.metrics.intervals import Interval, Ratio, bootstrap, wilson

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """How many of all."""

    name: str
    count: int
    share: float | None
    """0 to 1; None where there is nothing to be a share of."""
    interval: Interval | None
    """95 %; None on fewer than two groups."""


@dataclass(frozen=True)
class Shares:
    """Shares of one whole."""

    total: int
    groups: int
    """Groups that hold any of it."""
    parts: tuple[Share, ...]

    @property
    def leading(self) -> Share | None:
        """The greatest, the first of equal ones; None where there is nothing."""
        return max(self.parts, key=lambda one: one.count, default=None) if self.total else None


def shares_of(
    names: Sequence[str],
    counts: Sequence[Mapping[str, int]],
    groups: Sequence[str],
    *,
    one_by_one: bool = False,
) -> Shares:
    """`counts` by name and `groups` are each field's. The order is that of `names`.

    The interval is a bootstrap by whole groups, as neighbouring fields are no independent witnesses. Alone it is too
    narrow on few groups, and has no width where all agree; so two groups are added before drawing, of the mean size, one
    that says yes throughout and one that says no (Agresti and Coull 1998, Am Stat 52:119, by groups). With `one_by_one`
    nothing is added: it is widened to Wilson's of what was counted, as is the custom with cells of a differential
    (Rümke's limits are binomial too). Our choice.
    """
    table = np.array([[one.get(name, 0) for name in names] for one in counts], np.int64)
    table = table.reshape(len(counts), len(names))
    wholes = table.sum(axis=1)
    total = int(wholes.sum())
    held = len({group for group, whole in zip(groups, wholes, strict=True) if whole})
    parts = []
    for name, counted in zip(names, table.T, strict=True):
        share = int(counted.sum()) / total if total else None
        interval = None
        if share is not None and held > 1:
            interval = (
                _cells(counted, wholes, groups)
                if one_by_one
                else _fields(counted, wholes, groups, held)
            )
        parts.append(Share(name, int(counted.sum()), share, interval))
    return Shares(total, held, tuple(parts))


def _fields(counted: Counts, wholes: Counts, groups: Sequence[str], held: int) -> Interval | None:
    """With a group for and one against."""
    size = wholes.sum() / held
    parts = np.append(counted, [size, 0.0])
    found = bootstrap(Ratio(parts, np.append(wholes, [size, size])), [*groups, "for", "against"])
    return _around(counted.sum() / wholes.sum(), found)


def _cells(counted: Counts, wholes: Counts, groups: Sequence[str]) -> Interval | None:
    """At least as wide as if each cell had been drawn by itself."""
    alone = wilson(int(counted.sum()), int(wholes.sum()))
    found = bootstrap(Ratio(counted, wholes), groups)
    if alone is None or found is None:
        return None
    return Interval(min(found.low, alone.low), max(found.high, alone.high))


def _around(share: float, found: Interval | None) -> Interval | None:
    """The share lies in its interval, also where it is 0 or 1."""
    if found is None:
        return None
    return Interval(min(float(share), found.low), max(float(share), found.high))
