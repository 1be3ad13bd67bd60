"""`leukoscope report`: a slide's journal as a page, as tables, as JSON."""

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, printable, say


def report(
    context: typer.Context,
    journal: Annotated[
        Path,
        typer.Argument(
            metavar="JOURNAL.db", help="What `run --journal` wrote.", show_default=False
        ),
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.html", help="Write the page.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write fields.csv and cells.csv there.")
    ] = None,
    parquet: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write fields.parquet and cells.parquet.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    config: Config = None,
) -> None:
    """Write the report of a slide from its journal, which is only read; it may still be written to."""
    from leukoscope.errors import UsageError
    from leukoscope.runtime.journal.read import read_journal
    from leukoscope.runtime.slide_report.facts import to_json
    from leukoscope.runtime.slide_report.files import Outputs
    from leukoscope.runtime.slide_report.gather import gather

    outputs = Outputs(output, csv, parquet)
    if outputs == Outputs() and not json:
        raise UsageError(
            "nothing to write", wanted="-o FILE.html, --csv DIR, --parquet DIR or --json"
        )
    outputs.check()
    with read_journal(journal) as reader:
        slide = gather(reader, pictures=output is not None)
    written = outputs.write(slide)
    if json:
        print_json(to_json(slide))
    for path in (*written, RESEARCH_USE):
        say(printable(str(path)))
    for path in written[:1]:
        save_settings(context, path)
