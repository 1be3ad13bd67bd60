"""`leukoscope doctor`: what this machine can do."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.console import print_json, print_line, print_table, say

if TYPE_CHECKING:
    from leukoscope.runtime.survey import Finding


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what this machine can do, what is missing, and the command that brings it."""
    from leukoscope.runtime.survey import survey

    findings = survey()
    if json:
        print_json({"schema": 1, "findings": [asdict(f) for f in findings]})
    else:
        _print(findings)
    lacking = [f.what for f in findings if f.needed and not f.present]
    if lacking:
        say(f"leukoscope: this machine cannot run a bundle; missing: {', '.join(lacking)}")
        raise typer.Exit(4)


def _print(findings: Sequence["Finding"]) -> None:
    """A table of what was found; the commands below it, each on a line of its own to be copied."""
    from rich.markup import escape
    from rich.table import Column, Table

    found = Column("found", overflow="fold")  # a path that is cut short names nothing
    table = Table("", "what", found, title="leukoscope doctor")
    for f in findings:
        mark = "[green]yes[/]" if f.present else ("[red]NO[/]" if f.needed else "[yellow]no[/]")
        table.add_row(mark, f.what, escape(f.detail))
    print_table(table)
    missing = [f for f in findings if not f.present]
    if missing:
        print_line("What would bring the rest, where it is wanted:")
    for f in missing:
        print_line(f"  {f.what}: {f.remedy}")
