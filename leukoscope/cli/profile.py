"""`leukoscope profile`: how long a bundle takes here, where the time goes, and whether that can be believed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leukoscope.cli.config import Config, save_settings
from leukoscope.cli.console import RESEARCH_USE, print_json, print_line, print_table, progress, say

if TYPE_CHECKING:
    from leukoscope.runtime.profiler.contents import Profile


def profile(
    context: typer.Context,
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    *,
    network: Annotated[
        list[str] | None, typer.Option(help="xincept_all or sg_cldff; by default both.")
    ] = None,
    precision: Annotated[
        list[str] | None, typer.Option(help="Variants; by default all that there are.")
    ] = None,
    backend: Annotated[
        list[str] | None,
        typer.Option(help="auto (the default), one that `leukoscope doctor` names, or all."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Images; by default painted fields.")
    ] = None,
    rate: Annotated[float, typer.Option(help="The camera's frames a second.")] = 30.0,
    seconds: Annotated[float, typer.Option(help="For each variant.")] = 30.0,
    batches: Annotated[str, typer.Option(help="Batch sizes.")] = "1,2,4,8",
    layers: Annotated[
        bool | None,
        typer.Option("--layers/--no-layers", help="Time the layers; by default unless --quick."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look: 6 s a variant.")] = False,
    threads: Annotated[int | None, typer.Option(help="By default one for each core.")] = None,
    allow_untrained: Annotated[
        bool, typer.Option("--allow-untrained", help="Take random weights, for their timing.")
    ] = False,
    allow_failed: Annotated[
        bool, typer.Option("--allow-failed", help="Measure variants that failed their gate too.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write all of it as one page.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.json", help="Save the JSON.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    config: Config = None,
) -> None:
    """Measure latency, its parts, frame age, cold start and memory. Ctrl-C once: what was measured is reported."""
    from leukoscope.bundle.read import open_bundle
    from leukoscope.runtime.interrupt import stop_on_interrupt
    from leukoscope.runtime.profiler.files import FACTS, PAGES, check_place, write_json, write_page
    from leukoscope.runtime.profiler.measure import profile_bundle
    from leukoscope.runtime.profiler.request import Request, parse_batches, shortened
    from leukoscope.runtime.settings import Settings

    permitted = Settings(
        threads=threads, allow_untrained=allow_untrained, allow_failed=allow_failed
    )
    request = Request(
        networks=tuple(network or ()),
        precisions=tuple(precision or ()),
        backends=tuple(backend or ("auto",)),
        settings=permitted,
        data=data,
        rate_hz=rate,
        seconds=seconds,
        batches=parse_batches(batches),
        layers=layers is not False,
    )
    if quick:
        request = shortened(request, layers=bool(layers))
    page = None if report is None else check_place(report, "--report", bundle, PAGES)
    facts = None if output is None else check_place(output, "--output", bundle, FACTS)
    with progress() as bars, stop_on_interrupt() as stopped:
        found = profile_bundle(open_bundle(bundle), request, stopped=stopped, progress=bars)
    if page is not None:
        write_page(found, page)
    if facts is not None:
        write_json(found, facts)
    if json:
        print_json(found.to_json())
    else:
        _print(found)
    for path in filter(None, (page, facts)):
        say(str(path))
    for path in [one for one in (page, facts) if one is not None][:1]:
        save_settings(context, path)


def _print(found: "Profile") -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    from leukoscope.runtime.profiler.words import grids, verdict

    for grid in grids(found):
        first, *others = grid.heads
        columns = [Column(escape(first)), *(Column(escape(one), justify="right") for one in others)]
        table = Table(*columns, title=escape(grid.title), title_justify="left")
        table.caption, table.caption_justify = escape(grid.note) or None, "left"
        for row in grid.rows:
            table.add_row(*map(escape, row))
        print_table(table)
    for line in verdict(found):
        print_line(line)
    print_line(RESEARCH_USE)
