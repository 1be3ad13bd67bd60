"""What a model card is made from: the checkpoints' headers and the figures that were measured on the bundle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leukoscope.errors import InputError
from leukoscope.images.hashes import sha256_of_file
from leukoscope.models.checkpoint import CheckpointHeader, load_header

MEASURED = ("held_out", "robustness", "shortcuts", "explanations")
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """One network's checkpoint and all that was measured on bundles of it."""

    checkpoint: Path
    sha256: str
    header: CheckpointHeader
    trees: Json | None
    """The attribute of the trees' file, where there is one for this network."""
    trees_sha256: str | None
    held_out: Json
    robustness: Json
    shortcuts: Json
    explanations: Json

    @property
    def network(self) -> str:
        return self.header.network

    def sets(self, tool: str, key: str) -> Json:
        """Figures by set of one tool for this network; empty where there are none."""
        found: Json = getattr(self, tool)[key].get(self.network, {})
        return found


def read_facts(checkpoint: Path, measured: Path) -> Facts:
    """Reads them. Raises InputError where figures are missing or were measured on other weights."""
    header, digest = load_header(checkpoint), sha256_of_file(checkpoint)
    values = {name: _figures(measured / f"{name}.json") for name in MEASURED}
    for name, value in values.items():
        entry = value["networks"].get(header.network, {})
        if entry.get("checkpoint_sha256") != digest:
            raise InputError(
                f"{measured / name}.json was not measured on {checkpoint.name} ({digest[:12]}...)",
                next_step="python tools/model_card.py --data DIR...",
            )
    path = checkpoint.with_name("trees.json")
    trees = _trees(path, digest)
    return Facts(
        checkpoint=checkpoint,
        sha256=digest,
        header=header,
        trees=trees,
        trees_sha256=sha256_of_file(path) if trees else None,
        **values,
    )


def _figures(path: Path) -> Json:
    try:
        found: Json = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"no figures in {path}: {error}", next_step="python tools/model_card.py --data DIR..."
        ) from error
    return found


def _trees(path: Path, checkpoint_sha256: str) -> Json | None:
    """What the trees' file says of itself, if it belongs to the checkpoint."""
    if not path.is_file():
        return None
    learner = json.loads(path.read_text(encoding="utf-8"))["learner"]
    meaning: Json = json.loads(learner["attributes"]["leukoscope"])
    return meaning if meaning.get("checkpoint_sha256") == checkpoint_sha256 else None
