"""What a published set offers, before anything is copied."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Layout = Literal["classes", "masks"]
Extra = Literal["masks", "labels"]


@dataclass(frozen=True)
class Source:
    """Where a user has a set: its unpacked folder, and what comes from elsewhere."""

    root: Path
    masks: Path | None = None
    labels: Path | None = None


@dataclass(frozen=True)
class Picture:
    """One image of the result."""

    source: Path
    name: str
    """Its path below the folder of images: `Early/a.jpg` in the classes layout, `a.jpg` in the masks layout."""
    label: str
    """As `labels.csv` writes it; empty where the set names none, or several that cannot be told apart."""
    mask: Path | None = None
    group: str | None = None
    """What must stay together in a split, where the set says it."""
    centre_px: tuple[int, int] | None = None
    """x, y of the cell about which a square is cut; None: the file is taken as it is, byte by byte."""


@dataclass(frozen=True)
class LeftOut:
    """A file that is not in the result, by its path below the source, and why."""

    source: str
    cause: str
    """One of a few, to be counted."""
    detail: str = ""


@dataclass(frozen=True)
class Offer:
    """All that a set has."""

    pictures: tuple[Picture, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[LeftOut, ...] = ()
    """What was taken otherwise than the set has it, such as a label that its boxes contradict."""


@dataclass(frozen=True)
class PublicSet:
    """A published set: what the result must cite, and the way to read it."""

    name: str
    layout: Layout
    title: str
    citation: str
    terms: str
    origin: str
    wanted: str
    """The form that is read, in words, for errors."""
    read: Callable[[Source], Offer]
    extras: frozenset[Extra] = frozenset()
    """The options that it takes beside its own folder."""
    mask_margin_px: int = 0
    """How much smaller its masks are on each side, where they are smaller than the image."""


def below(path: Path, root: Path) -> str:
    """The path as the record names it: below `root`, else the file's name alone."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
