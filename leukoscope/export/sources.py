"""What is exported: networks from checkpoints, or with random weights, and what the manifest says of their making."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from leukoscope.errors import UsageError
from leukoscope.images.colour_sources import KEY as COLOURS
from leukoscope.images.colour_sources import sources_from_json, with_colours
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import CheckpointHeader, load_checkpoint
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network

NOT_FITTED = ("held", "trees")
"""Parts of the data that the network itself has not seen: the judging images, and those of the boosted trees."""


@dataclass(frozen=True)
class Source:
    """One network to export. `images_of_trees` are SHA-256 of the images set apart for the boosted trees."""

    network: Network
    size: str
    contract: Contract
    trained: bool
    provenance: Mapping[str, Any]
    checkpoint_sha256: str | None = None
    images_of_trees: tuple[str, ...] = ()


def gather(
    checkpoints: Sequence[Path], random_weights: Mapping[str, str], seed: int
) -> dict[str, Source]:
    """The networks by name, from checkpoints and from `random_weights` (network -> size).

    Raises UsageError where there is none or one comes twice, InputError for what cannot be loaded.
    """
    found: dict[str, Source] = {}
    sources = [from_checkpoint(path) for path in checkpoints]
    sources += [with_random_weights(name, size, seed) for name, size in random_weights.items()]
    for source in sources:
        name = source.network.name
        if name in found:
            raise UsageError(f"{name} is given twice", wanted="one checkpoint for each network")
        found[name] = source
    if not found:
        raise UsageError("nothing to export", wanted="a checkpoint, or --random-weights")
    return found


def from_checkpoint(path: Path) -> Source:
    """Raises InputError for a file that is no checkpoint, or whose contract or weights do not fit."""
    network, header = load_checkpoint(path)
    digest = sha256_of_file(path)
    return Source(
        network=network,
        size=header.size,
        contract=Contract.from_json(header.contract),
        trained=True,
        provenance=_provenance(path.name, digest, header),
        checkpoint_sha256=digest,
        images_of_trees=_images(header, only=("trees",)),
    )


def with_random_weights(name: str, size: str, seed: int) -> Source:
    """A network as it is before training, reproducible by its seed: for timing, marked untrained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(name, size).eval()
    return Source(
        network=network,
        size=size,
        contract=Contract(network.input_px),
        trained=False,
        provenance={
            "checkpoint_sha256": None,
            "weights": f"random, seed {seed}",
            "training": {},
            "metrics": {},
            "training_images": [],
            "training_groups": [],
        },
    )


def _provenance(file: str, digest: str, header: CheckpointHeader) -> dict[str, Any]:
    parts: Mapping[str, Mapping[str, Any]] = header.data.get("parts", {})
    fitted = [part for part in parts if part not in NOT_FITTED]
    made = {
        "checkpoint_sha256": digest,
        "weights": file,
        "training": header.training,
        "metrics": header.metrics,
        "training_images": list(_images(header, only=fitted)),
        "training_groups": sorted({group for part in fitted for group in parts[part]}),
    }
    return with_colours(made, "training", sources_from_json(header.data.get(COLOURS, {}), file))


def _images(header: CheckpointHeader, only: Iterable[str]) -> tuple[str, ...]:
    parts: Mapping[str, Mapping[str, Sequence[str]]] = header.data.get("parts", {})
    groups = [hashes for part in only for hashes in parts.get(part, {}).values()]
    return tuple(sorted({digest for hashes in groups for digest in hashes}))
