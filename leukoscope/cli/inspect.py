"""`leukoscope inspect`: a bundle in words."""

from pathlib import Path
from typing import Annotated

import typer


def inspect(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    json: Annotated[bool, typer.Option("--json", help="Print the description as JSON.")] = False,
) -> None:
    """Say what a bundle holds, after verifying every hash."""
