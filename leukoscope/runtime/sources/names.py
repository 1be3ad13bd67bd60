"""Names under which results of a run are saved: never two the same, whatever the files are called."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

MAX_NAME_BYTES = 180
"""Leaves room for numbers and endings in the 255 bytes of a file name."""
UNFIT = re.compile(r"[^\w.-]+")


def output_names(paths: Sequence[PurePath]) -> list[str]:
    """One name for each path, in order, unique even where case is not told apart.

    The stem where that is unique, else with folders, else with the suffix too, else numbered. `paths` are
    relative to the source's folder.
    """
    forms = [_forms(path) for path in paths]
    counts = [Counter(name.casefold() for name in level) for level in zip(*forms, strict=True)]
    taken: set[str] = set()
    return [_claim(_plainest(names, counts), taken) for names in forms]


def _forms(path: PurePath) -> tuple[str, str, str]:
    """From the plainest to the most exact."""
    folders = "__".join(part for part in path.parent.parts if part not in (".", "/"))
    prefix = f"{folders}__" if folders else ""
    exact = f"{prefix}{path.stem}_{path.suffix[1:]}"
    return _fit(path.stem), _fit(prefix + path.stem), _fit(exact)


def _fit(text: str) -> str:
    short = UNFIT.sub("_", text).encode()[-MAX_NAME_BYTES:].decode(errors="ignore")
    return short.strip(".-") or "field"


def _plainest(names: Sequence[str], counts: Sequence[Counter[str]]) -> str:
    ways = zip(names, counts, strict=True)
    return next((name for name, level in ways if level[name.casefold()] == 1), names[-1])


def _claim(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{name}-{number}"
    taken.add(unique.casefold())
    return unique
