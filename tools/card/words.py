"""Figures as words and tables of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

NONE = "-"


def number(value: float | None) -> str:
    """Three decimals."""
    return NONE if value is None else f"{value:.3f}"


def value_of(figure: Json | None) -> str:
    """The figure's value alone."""
    return NONE if figure is None else number(figure["value"])


def span(ends: Sequence[float] | None) -> str:
    """The ends of an interval."""
    return NONE if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def by_group(figure: Json | None) -> str:
    """The interval by group with how many groups it rests on."""
    if figure is None or figure.get("by_group") is None:
        return NONE
    return f"{span(figure['by_group'])} ({figure['groups']})"


def percent(value: float) -> str:
    """A share as a percentage without decimals where it has none worth showing."""
    return f"{100 * value:.1f} %"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def settings(values: Json) -> str:
    """`key value, key value` of plain values, nested ones in brackets."""
    return ", ".join(f"{key} {_plain(value)}" for key, value in values.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({settings(value)})" if value else NONE
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(_plain, value)) + ")"
    return NONE if value in (None, "") else str(value)
