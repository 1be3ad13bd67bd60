"""Shares of fields or cells, each with its interval by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leukoscope.runtime.metrics.intervals import Interval, bootstrap_shares, wilson


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

    The interval is a bootstrap by whole groups. Where its draws do not differ (all fields of one stage, say) it has no
    width, however few they are: Wilson's interval stands there instead, of as many draws as there are groups, as
    neighbouring fields are no independent witnesses; with `one_by_one` of what was counted, as is the custom with
    cells of a differential (Rümke's limits are binomial too). Our choice.
    """
    table = np.array([[one.get(name, 0) for name in names] for one in counts], np.int64)
    table = table.reshape(len(counts), len(names))
    wholes = table.sum(axis=1)
    total = int(wholes.sum())
    held = len({group for group, whole in zip(groups, wholes, strict=True) if whole})
    intervals = bootstrap_shares(table, wholes, groups)
    parts = []
    for name, count, interval in zip(names, table.sum(axis=0), intervals, strict=True):
        share = int(count) / total if total else None
        parts.append(
            Share(
                name, int(count), share, _with_width(share, interval, total if one_by_one else held)
            )
        )
    return Shares(total, held, tuple(parts))


def _with_width(share: float | None, interval: Interval | None, draws: int) -> Interval | None:
    if share is None or interval is None or interval.low < interval.high:
        return interval
    return wilson(round(share * draws), draws)
