"""A verdict of the gate on the terminal, and the exit code that follows from it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leukoscope.cli.console import print_line, print_table, printable, say
from leukoscope.errors import GateError

if TYPE_CHECKING:
    from rich.table import Table

    from leukoscope.runtime.gate.check import Check
    from leukoscope.runtime.gate.verdict import Verdict

NAMES_SHOWN = 20


def print_verdict(verdict: "Verdict") -> None:
    """The table of its checks, why it did not pass, and which images flipped, on stdout."""
    print_table(_table(verdict))
    for line in _lines(verdict):
        print_line(line)


def check_verdicts(verdicts: Sequence["Verdict"], *, accept_undecided: bool) -> None:
    """GateError unless all passed; the undecided pass with `accept_undecided`, which is said on stderr."""
    for verdict in verdicts:
        if verdict.outcome == "undecided" and accept_undecided:
            say(f"{_title(verdict)}: undecided, and accepted because of --accept-undecided")
    refused = {"failed"} if accept_undecided else {"failed", "undecided"}
    bad = [verdict for verdict in verdicts if verdict.outcome in refused]
    if not bad:
        return
    failed = [verdict for verdict in bad if verdict.outcome == "failed"]
    if failed:
        raise GateError(
            f"the gate failed: {'; '.join(map(_in_short, failed))}",
            next_step="look at the images that flipped, and calibrate again with more like them",
        )
    raise GateError(
        f"the gate cannot tell: {'; '.join(map(_in_short, bad))}",
        wanted="more images of what is named, from groups that neither training nor calibration saw",
        next_step="add --data or --unlabelled, or give --accept-undecided",
    )


def _title(verdict: "Verdict") -> str:
    return f"{verdict.variant} of {verdict.network}"


def _in_short(verdict: "Verdict") -> str:
    """'int8 of xincept_all: recall Early (...), cam_agreement (...)'."""
    checks = verdict.failed if verdict.outcome == "failed" else verdict.undecided
    return f"{_title(verdict)}: {', '.join(f'{one.name} ({one.reason})' for one in checks)}"


def _table(verdict: "Verdict") -> "Table":
    """A line a check, within 80 columns unless a class has a long name."""
    from rich.markup import escape
    from rich.table import Table

    title = f"gate: {_title(verdict)}"
    table = Table(box=None, title=title, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", overflow="fold")
    for name in (verdict.reference, verdict.variant, "drop", "95 %", "budget", "images", "outcome"):
        table.add_column(name, no_wrap=True)
    for one in verdict.checks:
        table.add_row(
            escape(one.name),
            _fraction(one.reference),
            _fraction(one.variant),
            _fraction(one.drop),
            _interval(one),
            f"{one.budget:g}",
            f"{one.n}/{one.needed}",
            "cannot tell" if one.outcome == "undecided" else one.outcome,
        )
    return table


def _lines(verdict: "Verdict") -> list[str]:
    inferred = ", inferred" if verdict.groups_inferred else ""
    what = f"{verdict.n} images ({verdict.n_unlabelled} without a label) of {verdict.groups} groups"
    lines = [f"{_title(verdict)}: {verdict.outcome}, on {what}{inferred}"]
    for one in (*verdict.failed, *verdict.undecided):
        lines.append(f"  {one.name}: {one.reason}")
    if bounds := [f"{one.name} {one.upper:.4f}" for one in verdict.checks if one.upper is not None]:
        lines.append(f"  drop at most (95 %, one-sided): {', '.join(bounds)}")
    lines += [_changes(one) for one in verdict.checks if one.losses or one.gains]
    lines.append(f"  flips: {verdict.flips}{_some(verdict.flipped)}")
    if verdict.left_out:
        parts = (f"{count} {cause}" for cause, count in verdict.left_out.items())
        lines.append(f"  left out: {', '.join(parts)}")
    return lines


def _changes(one: "Check") -> str:
    p = "-" if one.mcnemar_p is None else f"{one.mcnemar_p:.2g}"
    return f"  {one.name}: {one.losses} lost, {one.gains} gained (exact McNemar p = {p})"


def _some(names: Sequence[str]) -> str:
    """': a, b', the first of many."""
    if not names:
        return ""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f": {', '.join(map(printable, names[:NAMES_SHOWN]))}{more}"


def _fraction(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _interval(one: "Check") -> str:
    return "-" if one.interval is None else f"{one.interval[0]:.3f}..{one.interval[1]:.3f}"
