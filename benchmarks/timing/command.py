"""The arguments that every timing benchmark takes, and its way out."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from leukoscope.errors import LeukoscopeError


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """A parser with --json and --short."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the record goes")
    parser.add_argument("--short", action="store_true", help="a small case: it runs, no more")
    return parser


def show(text: str) -> None:
    """A line of the result, on stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line about what is going on, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def run(main: Callable[[], None]) -> None:
    """Calls `main`; an error of the input is one line and its exit code."""
    try:
        main()
    except LeukoscopeError as error:
        note(f"error: {error}")
        sys.exit(error.exit_code)
