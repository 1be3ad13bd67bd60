"""Computes the cells that are not there yet, within a time."""

import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.papers.budget import Budget, digest_of, settings_of
from benchmarks.papers.cells import Cell
from benchmarks.papers.compute import compute
from benchmarks.papers.shelf import Shelf
from benchmarks.papers.store import read_result, write_result
from leukoscope.errors import InputError, LeukoscopeError
from leukoscope.progress import Silent


@dataclass
class Batch:
    """Where cells are computed from and to. `max_minutes` 0: no limit."""

    data: Path
    output: Path
    budgets: Mapping[str, Budget]
    threads: int = 1
    max_minutes: float = 0.0
    longest_s: dict[str, float] = field(default_factory=dict)
    """Of the cells computed, by task."""

    def run(self, cells: Sequence[Cell], began: float) -> int:
        """How many cells could not be computed; each that can be is written at once."""
        if not self.data.is_dir():
            raise InputError(f"no folder at {self.data}", next_step="see docs/datasets.md")
        shelf = Shelf(self.data, Silent())
        failed = 0
        for number, cell in enumerate(cells, start=1):
            heading = f"{number}/{len(cells)} {cell.name}"
            if missing := shelf.missing(cell):
                _say(f"{heading}: not run, {', '.join(missing)} not at hand")
                continue
            if self._done(cell, shelf):
                continue
            if self._too_late(cell, began):
                _say(f"{heading}: not run, {self.max_minutes:g} minutes would not do")
                continue
            failed += not self._compute(cell, shelf, heading)
        return failed

    def _done(self, cell: Cell, shelf: Shelf) -> bool:
        digest = digest_of(settings_of(cell, self.budgets[cell.task]))
        return read_result(self.output, cell, digest, shelf.digest(cell)) is not None

    def _too_late(self, cell: Cell, began: float) -> bool:
        spent = time.monotonic() - began
        return bool(self.max_minutes) and (
            spent + self.longest_s.get(cell.task, 0.0) > 60 * self.max_minutes
        )

    def _compute(self, cell: Cell, shelf: Shelf, heading: str) -> bool:
        began = time.monotonic()
        try:
            result = compute(cell, self.budgets[cell.task], shelf, self.threads, Silent())
        except LeukoscopeError as error:
            _say(f"{heading}: {error}")
            return False
        except Exception as error:
            # One design that breaks must not cost an hour of the others, which nobody watches.
            where = traceback.extract_tb(error.__traceback__)[-1]
            _say(f"{heading}: {type(error).__name__} at {where.filename}:{where.lineno}: {error}")
            return False
        write_result(self.output, cell, result)
        spent = time.monotonic() - began
        self.longest_s[cell.task] = max(spent, self.longest_s.get(cell.task, 0.0))
        _say(f"{heading}: {spent:.0f} s")
        return True


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
