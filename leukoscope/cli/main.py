"""The `leukoscope` command: collects the verbs, and turns errors into one line and an exit code."""

import errno
import os
import sys
from typing import Annotated

import typer

from leukoscope import __version__
from leukoscope.cli.build import build
from leukoscope.cli.calibrate import calibrate
from leukoscope.cli.console import RESEARCH_USE, say
from leukoscope.cli.demo import demo
from leukoscope.cli.doctor import doctor
from leukoscope.cli.export import export
from leukoscope.cli.inspect import inspect
from leukoscope.cli.profile import profile
from leukoscope.cli.report import report
from leukoscope.cli.run import run
from leukoscope.cli.train import app as train
from leukoscope.cli.validate import validate
from leukoscope.errors import LeukoscopeError

app = typer.Typer(
    name="leukoscope",
    help=f"Edge deployment for leukaemia and white-cell networks. {RESEARCH_USE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its panels cost `--help` as long as all the rest
)
app.command(short_help="What this machine can do, and what it lacks.")(doctor)
app.add_typer(train, name="train", short_help="Train a network or the boosted trees.")
app.command(short_help="Checkpoints into a bundle, proved on the way.")(export)
app.command(short_help="Small variants, written if the gate passes them.")(calibrate)
app.command(short_help="Engines of a bundle for this machine's device.")(build)
app.command(short_help="Every variant on labelled images.")(validate)
app.command(short_help="Latency and its parts, and whether to believe it.")(profile)
app.command(short_help="Judge the fields of a source.")(run)
app.command(short_help="The report of a slide, from its journal.")(report)
app.command(short_help="What a bundle holds, after verifying it.")(inspect)
app.command(short_help="All of it, on what the package ships.")(demo)

FULL = (errno.ENOSPC, errno.EDQUOT)
"""No room on the disk: what this machine lacks."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leukoscope {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Holds the options that stand before a verb."""


def main() -> None:
    """Runs the command line; exit codes are those of `leukoscope.errors` (0 done, 2 usage)."""
    try:
        app()
    except LeukoscopeError as error:
        say(f"leukoscope: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        say("leukoscope: stopped")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        say(f"leukoscope: {_in_words(error)}")
        sys.exit(4 if error.errno in FULL else 1)


def _in_words(error: OSError) -> str:
    """'/there/file: Permission denied', or 'No space left on device'."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return f"{', '.join(names)}: {error.strerror}" if names else error.strerror or str(error)


if __name__ == "__main__":
    main()
