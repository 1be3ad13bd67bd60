"""Validation: every variant of a network on labelled images, by the path that `run` takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import ImageSet
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.fitting import choose_networks
from leukoscope.runtime.judge import Judged, LabelledItem, judge
from leukoscope.runtime.provenance import named_items, set_names
from leukoscope.runtime.scoring import score
from leukoscope.runtime.settings import Settings

SCHEMA = 1


@dataclass(frozen=True)
class Request:
    """What is to be validated; empty `networks` means those that the data's labels or masks fit."""

    networks: tuple[str, ...] = ()
    label_map: Path | None = None
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class Pool:
    """The images of all data folders that one network is judged on."""

    items: tuple[LabelledItem, ...]
    """Their groups are SETNAME/GROUP; of several folders their names too."""
    groups_inferred: bool
    """Of any of the folders."""


def validate_bundle(
    bundle: Bundle,
    folders: ImageSet | Sequence[ImageSet],
    request: Request,
    progress: Progress = Silent(),  # noqa: B008
) -> dict[str, Any]:
    """The value of `validate --json`, schema 1: figures by network and variant.

    A network is judged on the images of all folders that fit it, together. Raises InputError where a folder fits no
    network of the bundle, or no label map knows its labels.
    """
    sets = (folders,) if isinstance(folders, ImageSet) else tuple(folders)
    rows = {
        network: rows_of(judge_pool(bundle, network, pool, request.settings, progress))
        for network, pool in pools(bundle, sets, request).items()
    }
    return report(bundle, sets, rows)


def report(
    bundle: Bundle, folders: Sequence[ImageSet], rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """`rows` by network under the head that says of what they are."""
    roots = [str(images.root) for images in folders]
    return {
        "schema": SCHEMA,
        "notice": "research use only",
        "bundle": str(bundle.root),
        "data": roots[0] if len(roots) == 1 else roots,
        "groups_inferred": any(images.groups_inferred for images in folders),
        "networks": dict(rows),
    }


def pools(bundle: Bundle, folders: Sequence[ImageSet], request: Request) -> dict[str, Pool]:
    """By network, the folders' images that it can be judged on, in the bundle's order of networks.

    Raises InputError as `choose_networks` does, for the first folder that fits none.
    """
    chosen = [choose_networks(bundle, i, request.networks, request.label_map) for i in folders]
    names = set_names([images.root for images in folders])
    fitting = [name for name in bundle.manifest.networks if any(name in maps for maps in chosen)]
    return {
        network: _pool(
            [
                (i, name, maps[network])
                for i, name, maps in zip(folders, names, chosen, strict=True)
                if network in maps
            ]
        )
        for network in fitting
    }


def judge_pool(
    bundle: Bundle, network: str, pool: Pool, settings: Settings, progress: Progress
) -> Judged:
    """Every image of the pool, those of the training too, which is said."""
    judged = judge(
        bundle,
        network,
        pool.items,
        settings,
        groups_inferred=pool.groups_inferred,
        progress=progress,
    )
    if judged.in_training:
        progress.note(
            f"{network}: {judged.in_training} of these images were used in its training: "
            "the figures flatter it"
        )
    return judged


def rows_of(judged: Judged) -> dict[str, dict[str, Any]]:
    """Figures by variant, of those that were asked for."""
    return {name: row_of(judged, name) for name in judged.variants}


def row_of(judged: Judged, variant: str) -> dict[str, Any]:
    """The figures of one variant as `validate --json` has them."""
    return {
        **score(judged.observations[variant], judged.targets, judged.classes),
        "n_excluded": judged.excluded,
        "n_in_training": judged.in_training,
        "unreadable": list(judged.unreadable),
        "voter": judged.voter,
        "label_map": judged.label_map_name,
        "backend": judged.backend[variant],
        "instruction_set": instruction_set(),
    }


def _pool(parts: Sequence[tuple[ImageSet, str, LabelMap | None]]) -> Pool:
    items = [
        (item if len(parts) == 1 else replace(item, name=f"{name}/{item.name}"), label_map)
        for images, name, label_map in parts
        for item in named_items(images, name)
    ]
    return Pool(tuple(items), any(images.groups_inferred for images, _, _ in parts))
