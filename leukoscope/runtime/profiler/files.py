"""Where a profile lies on the disk: a page, JSON, each whole or not at all."""

import json
import os
from pathlib import Path

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.profiler.contents import Profile
from leukoscope.runtime.profiler.page.page import html
from leukoscope.runtime.sinks.sink import writing

PAGES, FACTS = (".html", ".htm"), (".json",)


def check_place(path: Path, option: str, bundle: Path, suffixes: tuple[str, ...]) -> Path:
    """`path`, looked at before the long work begins.

    UsageError unless it ends in one of `suffixes`; InputError where its folder is not there, where it lies inside the
    bundle, whose manifest does not list it, or where a folder has its name.
    """
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{option} {path}", wanted=f"a file that ends in {suffixes[0]}")
    folder, root = path.resolve().parent, bundle.resolve()
    if not folder.is_dir():
        raise InputError(f"no such folder: {folder}", next_step=f"mkdir -p {folder}")
    if folder == root or root in folder.parents:
        raise InputError(
            f"{path} would lie inside the bundle, which holds only what its manifest lists",
            next_step=f"{option} {path.name} writes it here",
        )
    if path.is_dir():
        raise InputError(f"{path} is a folder", wanted="a file to write")
    return path


def write_page(profile: Profile, path: Path) -> None:
    """InputError where the disk refuses."""
    _write(path, html(profile))


def write_json(profile: Profile, path: Path) -> None:
    """UTF-8; InputError where the disk refuses."""
    text = json.dumps(profile.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
    _write(path, text + "\n")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            part.write_bytes(text.encode("utf-8", "replace"))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
