"""Two records of one benchmark, figure by figure: `python benchmarks/compare.py BEFORE.json AFTER.json [--tolerance 0.05]`.

The change of a figure is after over before for what should be low, before over after for what should be high: above 1 is
worse. Its interval is the widest that the two intervals allow. A figure is a regression where the change is above 1 + tolerance
and so is its whole interval; better where the whole interval is below 1 - tolerance. BEFORE and AFTER may be two folders: then
the files of the same name are compared. Exit codes: 0 no regression, 3 a regression, 1 files that cannot be compared.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from timing.command import note, run, show
from timing.interval import Interval
from timing.record import HIGHER, Figure, read_figures
from timing.table import table

from leukoscope.errors import GateError, InputError

TOLERANCE = 0.05
WORSE, BETTER, SAME = "worse", "better", ""
MOST_TOLERANCE = 10.0


@dataclass(frozen=True)
class Change:
    """Of one figure; `ratio` above 1 is worse, whichever way is good."""

    name: str
    before: Figure
    after: Figure
    ratio: Interval

    def verdict(self, tolerance: float) -> str:
        """WORSE, BETTER or SAME."""
        if self.ratio.low > 1 + tolerance:
            return WORSE
        return BETTER if self.ratio.high < 1 - tolerance else SAME


def main() -> None:
    """Prints the table; GateError where something has become worse."""
    wanted = _arguments()
    changes = list(_all_changes(wanted.before, wanted.after))
    verdicts = {one.name: one.verdict(wanted.tolerance) for one in changes}
    if wanted.json:
        show(json.dumps(_report(changes, verdicts, wanted.tolerance), indent=1, allow_nan=False))
    else:
        show(_table(changes, verdicts))
    worse = [name for name, verdict in verdicts.items() if verdict == WORSE]
    if worse:
        raise GateError(
            f"{len(worse)} of {len(changes)} figures are worse: {', '.join(worse[:5])}",
            wanted=f"at most {wanted.tolerance:.0%}",
            next_step="measure again on a quiet machine before you believe it",
        )


def compare(before: Path, after: Path) -> list[Change]:
    """The figures that both records have, in the order of the first. InputError where there is none, or the tools differ."""
    (tool, old, about), (other, new, now) = read_figures(before), read_figures(after)
    if tool != other:
        raise InputError(f"{before} is of {tool}, {after} of {other}", wanted="one benchmark")
    names = [name for name in old if name in new]
    if not names:
        raise InputError(f"{before} and {after} have no figure in common")
    for line in _remarks(before, after, about, now):
        note(line)
    for missing in [name for name in old if name not in new]:
        note(f"{after} lacks: {missing}")
    return [Change(name, old[name], new[name], _ratio(old[name], new[name], f"{after}: {name}")) for name in names]  # fmt: skip


def _ratio(before: Figure, after: Figure, where: str) -> Interval:
    if (before.better, before.unit) != (after.better, after.unit):
        raise InputError(
            f"{where} is in {after.unit} and {after.better} is better",
            wanted=f"{before.unit}, {before.better}, as before",
        )
    upper, lower = after.interval, before.interval
    if before.better == HIGHER:
        upper, lower = lower, upper
    count = min(upper.n, lower.n)
    return Interval(upper.value / lower.value, upper.low / lower.high, upper.high / lower.low, count)  # fmt: skip


def _remarks(
    before: Path, after: Path, about: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[str]:
    """What makes the comparison weak, a line each."""
    machines = [_of_machine(one) for one in (about, now)]
    if machines[0] != machines[1]:
        yield f"the machines differ: {machines[0]} and {machines[1]}"
    for path, one in ((before, about), (after, now)):
        if one.get("busy"):
            yield f"{path}: the machine was busy with other work"


def _of_machine(record: Mapping[str, Any]) -> str:
    machine = record.get("machine")
    machine = machine if isinstance(machine, dict) else {}
    return f"{machine.get('processor')}, {machine.get('cores')} cores"


def _all_changes(before: Path, after: Path) -> Iterator[Change]:
    """Of two files, or of the files of the same name in two folders: then the file's name stands before each figure's."""
    if not (before.is_dir() and after.is_dir()):
        yield from compare(before, after)
        return
    names = sorted({p.name for p in before.glob("*.json")} & {p.name for p in after.glob("*.json")})
    if not names:
        raise InputError(f"{before} and {after} have no record of the same name")
    for name in names:
        for one in compare(before / name, after / name):
            yield replace(one, name=f"{Path(name).stem}, {one.name}")


def _report(changes: list[Change], verdicts: Mapping[str, str], tolerance: float) -> dict[str, Any]:
    figures = {
        one.name: {
            "before": one.before.to_json(),
            "after": one.after.to_json(),
            "change": one.ratio.to_json(),
            "verdict": verdicts[one.name] or "same",
        }
        for one in changes
    }
    return {"schema": 1, "tolerance": tolerance, "figures": figures}


def _table(changes: list[Change], verdicts: Mapping[str, str]) -> str:
    rows = [
        [one.name, one.before.interval.words(3), one.after.interval.words(3), one.ratio.words(3), verdicts[one.name]]
        for one in changes
    ]  # fmt: skip
    return table(["figure", "before", "after", "change, above 1 is worse", ""], rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help="a fraction: 0.05 by default")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
    wanted = parser.parse_args()
    if not 0 <= wanted.tolerance <= MOST_TOLERANCE:
        parser.print_usage(sys.stderr)
        raise InputError(f"--tolerance {wanted.tolerance}", wanted=f"0 to {MOST_TOLERANCE:g}")
    return wanted


if __name__ == "__main__":
    run(main)
