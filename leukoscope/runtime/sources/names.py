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
    return fit_name(path.stem), fit_name(prefix + path.stem), fit_name(exact)


def fit_name(text: str) -> str:
    """`text` as a file's stem: letters, digits and _.- only, at most MAX_NAME_BYTES, never empty."""
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


class NameBook:
    """The same for names that come one by one: each as it is, numbered where it was there before."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def claim(self, text: str) -> str:
        """A name like `text` that no other was given."""
        stem = fit_name(text)
        number = self._last.get(stem.casefold(), 0)
        name = stem
        while number or name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}"
            if name.casefold() not in self._taken:
                break
        self._last[stem.casefold()] = number
        self._taken.add(name.casefold())
        return name
