"""Validation: every variant of a network on labelled images, by the path that `run` takes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.label_map import LabelMap
from leukoscope.images.layouts import ImageSet
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.bench import Bench, open_bench
from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.engines import FIELD_NETWORK
from leukoscope.runtime.field import Frame
from leukoscope.runtime.fitting import choose_networks
from leukoscope.runtime.metrics.targets import targets_of
from leukoscope.runtime.observation import Observation
from leukoscope.runtime.pipeline import Pipeline
from leukoscope.runtime.provenance import training_images
from leukoscope.runtime.sample import is_excluded, read_sample
from leukoscope.runtime.scoring import score
from leukoscope.runtime.settings import Settings

SCHEMA = 1


@dataclass(frozen=True)
class Request:
    """What is to be validated; empty `networks` means those that the data's labels or masks fit."""

    networks: tuple[str, ...] = ()
    label_map: Path | None = None
    settings: Settings = field(default_factory=Settings)


def validate_bundle(
    bundle: Bundle,
    images: ImageSet,
    request: Request,
    progress: Progress = Silent(),  # noqa: B008
) -> dict[str, Any]:
    """The value of `validate --json`, schema 1: figures by network and variant.

    Raises InputError where the data fit no network of the bundle, or no label map knows its labels.
    """
    maps = choose_networks(bundle, images, request.networks, request.label_map)
    rows = {
        network: _validate_network(bundle, images, network, label_map, request.settings, progress)
        for network, label_map in maps.items()
    }
    return {
        "schema": SCHEMA,
        "notice": "research use only",
        "bundle": str(bundle.root),
        "data": str(images.root),
        "groups_inferred": images.groups_inferred,
        "networks": rows,
    }


@dataclass
class _Gathered:
    """What one pass over the images gives."""

    observations: dict[str, list[Observation]]
    """By variant."""
    excluded: int = 0
    unreadable: list[str] = field(default_factory=list)
    in_training: int = 0


def _validate_network(
    bundle: Bundle,
    images: ImageSet,
    network: str,
    label_map: LabelMap | None,
    settings: Settings,
    progress: Progress,
) -> dict[str, Any]:
    """Rows by variant."""
    classes = bundle.network(network).classes
    targets = targets_of(label_map.targets if label_map else {}, classes)
    bench = open_bench(bundle, network, settings)
    gathered = _gather(bench, images, label_map, training_images(bundle, network), progress)
    if gathered.in_training:
        progress.note(
            f"{network}: {gathered.in_training} of these images were used in its training: "
            "the figures flatter it"
        )
    rows = {}
    for name in bench.variants:
        pipeline = bench.pipelines[name]
        rows[name] = {
            **score(gathered.observations[name], targets, classes),
            "n_excluded": gathered.excluded,
            "n_in_training": gathered.in_training,
            "unreadable": gathered.unreadable,
            "voter": _voter(pipeline, network),
            "label_map": label_map.name if label_map else None,
            "backend": pipeline.engines[network].backend.name,
            "instruction_set": instruction_set(),
        }
    return rows


def _gather(
    bench: Bench,
    images: ImageSet,
    label_map: LabelMap | None,
    trained_on: frozenset[str],
    progress: Progress,
) -> _Gathered:
    gathered = _Gathered({name: [] for name in bench.variants})
    for index, item in enumerate(progress.track(images.items, f"validate {bench.network}")):
        if item.mask is None and is_excluded(item, label_map):
            gathered.excluded += 1
            continue
        try:
            sample = read_sample(item, label_map)
        except InputError as cause:
            gathered.unreadable.append(item.name)
            progress.note(f"left out: {cause}")
            continue
        gathered.excluded += sample.excluded
        gathered.in_training += sample.sha256 in trained_on
        frame = Frame(sample.pixels, str(item.path), item.name, index)
        for name, observation in bench.observe(sample, frame).items():
            gathered.observations[name].append(observation)
    return gathered


def _voter(pipeline: Pipeline, network: str) -> str:
    trees_vote = network == FIELD_NETWORK and pipeline.cast_votes.trees is not None
    return "trees" if trees_vote else "head"
