"""How the page writes shares, and the tables of shares."""

from collections.abc import Sequence

from leukoscope.runtime.metrics.intervals import Interval
from leukoscope.runtime.report.markup import Child, Markup
from leukoscope.runtime.report.numbers import NONE, count
from leukoscope.runtime.report.tables import below, table
from leukoscope.runtime.slide_report.shares import Share, Shares


def percent(share: float | None) -> str:
    """`85.0 %`."""
    return NONE if share is None else f"{100 * share:.1f}\u00a0%"


def percents(interval: Interval | None) -> str:
    """`72.1 to 95.0 %`; nothing where there is none."""
    if interval is None:
        return ""
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}\u00a0%"


def shares_table(what: str, named: Sequence[tuple[str, Shares]]) -> Markup:
    """A row a name; for each of the answers how many, which share, with its interval below."""
    heads: list[Child] = [what]
    for answer, _ in named:
        heads += [f"{answer}: number", "share"]
    known = list(dict.fromkeys(part.name for _, shares in named for part in shares.parts))
    rows: list[list[Child]] = [
        [name, *(cell for _, shares in named for cell in _cells(shares, name))] for name in known
    ]
    rows.append(["all", *(cell for _, shares in named for cell in (count(shares.total), ""))])
    return table(heads, rows)


def _cells(shares: Shares, name: str) -> tuple[Child, Child]:
    part = next((one for one in shares.parts if one.name == name), Share(name, 0, None, None))
    return count(part.count), below(percent(part.share), percents(part.interval))
