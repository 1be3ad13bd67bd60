"""Deals data folders out into parts by group, and keeps account of it for the checkpoint's header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import InputError
from leukoscope.images.colour_sources import KEY as COLOURS
from leukoscope.images.colour_sources import gather_sources, sources_to_json
from leukoscope.images.groups import split
from leukoscope.images.label_map import LabelMap
from leukoscope.progress import Progress
from leukoscope.training.pictures import (
    Picture,
    hashes_by_group,
    load_pictures,
    open_source,
)

FUSION_SHARES = {"fit": 0.7, "trees": 0.15, "held": 0.15}
"""The trees' rows must come from images that the network was not fitted on: its features of those are too good."""
SEGMENTATION_SHARES = {"fit": 0.84, "held": 0.16}


@dataclass(frozen=True)
class Division:
    """The share of each part, and the seed of the split."""

    shares: Mapping[str, float]
    seed: int


@dataclass(frozen=True)
class Folders:
    """Data folders, and label maps that go before the built-in ones."""

    roots: Sequence[Path]
    label_maps: Sequence[LabelMap] = ()


@dataclass(frozen=True)
class Parts:
    """Pictures by part, and what the header says of them: parts by group, sets, and the colours of the first part."""

    pictures: dict[str, list[Picture]]
    account: dict[str, Any]


def load_parts(
    folders: Folders,
    network: str,
    classes: tuple[str, ...],
    division: Division,
    progress: Progress,
) -> Parts:
    """Reads every folder, splits each by group in the same way, and decodes all images.

    An image whose bytes lie in several parts stays in the first of them. Raises InputError for what cannot be read,
    for labels that no map knows, for two folders of one name, and for an empty part.
    """
    shares, seed = division.shares, division.seed
    _check_names(folders.roots)
    pictures: dict[str, list[Picture]] = {part: [] for part in shares}
    account: dict[str, Any] = {"shares": dict(shares), "split_seed": seed, "sets": {}}
    for root in folders.roots:
        source = open_source(root, network, classes, folders.label_maps)
        for part, items in split(source.images.items, shares, seed).items():
            pictures[part] += load_pictures(source, items, progress)
        account["sets"][source.name] = {
            "label_map": source.labels.name,
            "layout": source.images.layout,
            "groups_inferred": source.images.groups_inferred,
            "images": len(source.images.items),
        }
    left_out = _keep_each_once(pictures)
    account["duplicates_left_out"] = left_out
    if empty := [part for part, found in pictures.items() if not found]:
        raise InputError(
            f"no images for {', '.join(empty)} ({left_out} copies left out)",
            wanted=f"at least {len(shares)} groups in --data",
        )
    account["parts"] = {part: hashes_by_group(found) for part, found in pictures.items()}
    account[COLOURS] = colours_of(pictures[next(iter(shares))])
    return Parts(pictures, account)


def colours_of(fitted: Sequence[Picture]) -> dict[str, Any]:
    """The colours of what is fitted on by data folder, as they are before any augmentation (sources_to_json)."""
    return sources_to_json(gather_sources((one.origin, one.levels[0]) for one in fitted))


def _check_names(roots: Sequence[Path]) -> None:
    """Groups are told apart by the name of their data folder."""
    names = [root.resolve().name for root in roots]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            f"several data folders are called {twice[0]}",
            wanted="each --data once, by its own name",
        )


def _keep_each_once(pictures: dict[str, list[Picture]]) -> int:
    """Takes out of each part what an earlier one has, byte for byte; returns how many."""
    seen: set[str] = set()
    left_out = 0
    for part, found in pictures.items():
        pictures[part] = [picture for picture in found if picture.sha256 not in seen]
        left_out += len(found) - len(pictures[part])
        seen |= {picture.sha256 for picture in found}
    return left_out
