"""`leukoscope inspect`: a bundle in words."""

from pathlib import Path
from typing import Annotated

import typer

from leukoscope.cli.console import RESEARCH_USE, print_json, print_line


def inspect(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print the description as JSON.")] = False,
) -> None:
    """Say what a bundle holds, after verifying the size and hash of every file."""
    from leukoscope.bundle.describe import in_words, summarise
    from leukoscope.bundle.read import open_bundle

    opened = open_bundle(bundle)
    if json:
        print_json(summarise(opened))
        return
    for line in in_words(opened):
        print_line(line)
    print_line(RESEARCH_USE)
