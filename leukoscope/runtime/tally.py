"""What came of a run."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from leukoscope.runtime.differential import Differential
from leukoscope.runtime.field import Cell, Result
from leukoscope.runtime.slide.position import OnSlide
from leukoscope.runtime.wording import list_cells

SCHEMA = 1
NONE: Mapping[str, int] = MappingProxyType({})


@dataclass
class Tally:
    """Counts of a run, from its making on."""

    fields: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    differential: Differential = field(default_factory=Differential)
    flags: Counter[str] = field(default_factory=Counter)
    scales: Counter[str] = field(default_factory=Counter)
    """Fields by how their scale was known: `given`, `red_cells`, `unknown`."""
    unreadable: list[str] = field(default_factory=list)
    """What was wrong with each field that could not be read, in one line."""
    drops: dict[str, int] = field(default_factory=dict)
    """Frames that did not become fields, by cause."""
    captured: int = 0
    """Frames that the source saw; known when the run is over."""
    stopped: bool = False
    """Ctrl-C came before the source's end."""
    began_tick_ns: int = field(default_factory=time.monotonic_ns)
    ended_tick_ns: int | None = None
    _numbered: dict[int, Cell] = field(default_factory=dict, repr=False)
    """Cells of the slide as they were first seen, by number."""

    def add(self, result: Result) -> None:
        """Counts one field."""
        self.fields += 1
        self.scales.update([result.frame.scale.source])
        self.stages.update([result.vote.stage] if result.vote else [])
        self._count(list(new_cells(result)))
        self.flags.update(result.flags)
        if result.on_slide is not None:
            self._join(result.on_slide, result.cells)

    def _count(self, cells: list[Cell]) -> None:
        self.cells.update(cell.type for cell in cells)
        self.differential.add(cells)

    def _join(self, place: OnSlide, cells: tuple[Cell, ...]) -> None:
        """Takes back what was counted twice on two islands that turn out to be one."""
        numbered = zip(place.cell_numbers, cells, place.new, strict=True)
        self._numbered.update({number: cell for number, cell, new in numbered if new})
        for later, _ in place.same_cells:
            twice = self._numbered.pop(later, None)
            if twice is not None:
                self.cells[twice.type] -= 1
                self.differential.take_back(twice)

    def close(self, captured: int = 0, drops: Mapping[str, int] = NONE) -> None:
        """The run is over."""
        self.ended_tick_ns = time.monotonic_ns()
        self.captured, self.drops = captured, dict(drops)

    @property
    def white_cells(self) -> int:
        """Different white cells so far."""
        return self.differential.total

    @property
    def seconds(self) -> float:
        """How long the run took, or has taken so far."""
        ended = time.monotonic_ns() if self.ended_tick_ns is None else self.ended_tick_ns
        return (ended - self.began_tick_ns) / 1e9

    def to_json(self) -> dict[str, Any]:
        """The summary that `run --json` prints."""
        return {
            "schema": SCHEMA,
            "notice": "research use only",
            "fields": self.fields,
            "stages": dict(self.stages),
            "cells": dict(+self.cells),
            "differential": self.differential.to_json(),
            "flags": dict(self.flags),
            "scales": dict(self.scales),
            "captured": self.captured,
            "drops": self.drops,
            "unreadable": list(self.unreadable),
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
        }

    def in_words(self) -> list[str]:
        """For people: what was found, and what was not taken."""
        stages = ", ".join(f"{count} {name}" for name, count in self.stages.most_common())
        parts = [f"{self.fields} field{'' if self.fields == 1 else 's'}"]
        parts[0] += f" ({stages})" if stages else ""
        parts += [list_cells(+self.cells)] if self.cells else []
        parts += [f"{len(self.unreadable)} left out"] if self.unreadable else []
        parts += ["stopped before the end"] if self.stopped else []
        lines = [f"{'; '.join(parts)}; {self.seconds:.1f} s"]
        if self.drops:
            lines.append(f"of {self.captured} frames not taken: {_listed(self.drops)}")
        if estimated := self.scales["red_cells"]:
            lines.append(f"scale estimated by the red cells in {estimated} fields")
        if unknown := self.scales["unknown"]:
            lines.append(f"scale unknown in {unknown} fields: give --um-per-px")
        if self.differential.total:
            lines.append(self.differential.heading)
        return lines


def new_cells(result: Result) -> Iterator[Cell]:
    """The field's cells that no field before has shown; all of them where fields are not laid on a map."""
    if result.on_slide is None:
        yield from result.cells
        return
    yield from (c for c, new in zip(result.cells, result.on_slide.new, strict=True) if new)


def _listed(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in ranked)
