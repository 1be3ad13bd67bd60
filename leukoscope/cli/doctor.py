"""`leukoscope doctor`: what this machine can do."""

from dataclasses import asdict
from typing import Annotated

import typer

from leukoscope.cli.console import print_json, print_table, say


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what this machine can do, what is missing, and the command that brings it."""
    from rich.table import Table

    from leukoscope.runtime.survey import survey

    findings = survey()
    if json:
        print_json({"schema": 1, "findings": [asdict(f) for f in findings]})
    else:
        table = Table("", "what", "found", "to bring it", title="leukoscope doctor")
        for f in findings:
            mark = "[green]yes[/]" if f.present else ("[red]NO[/]" if f.needed else "[yellow]no[/]")
            table.add_row(mark, f.what, f.detail, f.remedy)
        print_table(table)
    lacking = [f.what for f in findings if f.needed and not f.present]
    if lacking:
        say(f"leukoscope: this machine cannot run a bundle; missing: {', '.join(lacking)}")
        raise typer.Exit(4)
