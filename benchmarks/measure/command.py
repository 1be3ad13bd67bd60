"""What the benchmarks on real images share: their arguments, a bundle from a folder or an archive, results as JSON."""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle, open_bundle
from leukoscope.cli.console import progress, say
from leukoscope.errors import LeukoscopeError
from leukoscope.progress import Progress
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.settings import Settings
from measure.held import DataFolder, open_folders
from measure.judge import Judge

SCHEMA = 1
NOTICE = "research use only"


@dataclass(frozen=True)
class Work:
    """A bundle, opened, and the folders to judge it on."""

    bundle: Bundle
    judge: Judge
    folders: Sequence[DataFolder]
    progress: Progress


def arguments(doc: str) -> argparse.ArgumentParser:
    """A parser with what every one of them takes."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="a bundle's folder, or a .zip of one")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--threads", type=int, default=1)
    return parser


@contextmanager
def opened_bundle(path: Path) -> Iterator[Bundle]:
    """The bundle of a folder, or of a .zip of one while it is in use."""
    with tempfile.TemporaryDirectory() as scratch:
        if path.suffix == ".zip":
            shutil.unpack_archive(path, scratch)
            path = Path(scratch)
        yield open_bundle(path)


@contextmanager
def opened(wanted: argparse.Namespace) -> Iterator[Work]:
    """The bundle and the folders that the arguments name. Raises InputError for what cannot be used."""
    with opened_bundle(wanted.bundle) as bundle, progress() as shown:
        judge = Judge(bundle, Settings(threads=wanted.threads, precision="fp32"))
        yield Work(bundle, judge, open_folders(bundle, wanted.data), shown)


def write_json(output: Path, name: str, work: Work, value: dict[str, Any]) -> None:
    """`value` under a head that says what was measured, as OUTPUT/NAME.json; NaN is refused."""
    output.mkdir(parents=True, exist_ok=True)
    head = {
        "schema": SCHEMA,
        "notice": NOTICE,
        "tool": f"benchmarks/{name}.py",
        "measured_on": datetime.now(timezone.utc).date().isoformat(),
        "backend": f"onnxruntime-cpu fp32, {instruction_set()}",
        "networks": {
            network: {"checkpoint_sha256": entry.provenance.get("checkpoint_sha256")}
            for network, entry in work.bundle.manifest.networks.items()
        },
        "sets": sets_of(work.folders),
    }
    text = json.dumps({**head, **value}, indent=1, allow_nan=False)
    (output / f"{name}.json").write_text(_ends_joined(text) + "\n", encoding="utf-8")


def sets_of(folders: Sequence[DataFolder]) -> dict[str, dict[str, Any]]:
    """What each set offers, by name."""
    return {
        folder.name: {
            "network": folder.network,
            "held": len(folder.held),
            "held_groups": len({entry.group for entry in folder.held}),
            "seen_in_training": len(folder.seen),
            "groups_inferred": folder.groups_inferred,
        }
        for folder in folders
    }


def _ends_joined(text: str) -> str:
    """Lists of numbers on one line each."""
    return re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)


def run(main: Callable[[], None]) -> None:
    """Calls `main`; an error of the input is one line and its exit code."""
    try:
        main()
    except LeukoscopeError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)
