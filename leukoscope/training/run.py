"""A run: what was ordered, what its header says, and how its result becomes a checkpoint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.models.checkpoint import CheckpointHeader, save_checkpoint
from leukoscope.models.network import Network
from leukoscope.training.augment import ColourJitter
from leukoscope.training.losses import Target
from leukoscope.training.parts import Folders
from leukoscope.training.pictures import read_label_maps
from leukoscope.training.recipe import Recipe
from leukoscope.training.resume import SavedRun, forget_state, state_path


@dataclass(frozen=True)
class Order:
    """What both trainings of a network are asked for. Raises InputError where `output` cannot be written."""

    data: tuple[Path, ...]
    output: Path
    size: str = "small"
    input_px: int = 224
    painted: int = 0
    """Painted pictures mixed into the training."""
    recipe: Recipe = field(default_factory=Recipe)
    jitter: ColourJitter = field(default_factory=ColourJitter)
    resume: bool = False
    label_maps: tuple[Path, ...] = ()
    """Files that go before the built-in maps."""
    auto_augment: bool = True
    """The automatic policy behind the stain jitter; off for the ablation."""
    balanced: bool = True
    """Rare classes are drawn more often and weigh more; off for the ablation."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the network that differ from its size's, as an ablation has them."""

    def __post_init__(self) -> None:
        check_output(self.output)

    def folders(self, network: str) -> Folders:
        """The data with the label maps read. Raises InputError for a map that is none of `network`'s."""
        return Folders(self.data, read_label_maps(self.label_maps, network))


def check_output(path: Path) -> None:
    """Makes the folder of `path`; raises InputError, before hours of work, where no file can be written there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    if path.is_dir():
        raise InputError(f"{path} is a folder", wanted="a file to write")


def header_of(
    order: Order,
    network: Network,
    account: Mapping[str, Any],
    label_weights: Mapping[Target, float],
    **settings: Any,
) -> CheckpointHeader:
    """The checkpoint's header, still without figures; `settings` are those that only this training has."""
    weights = {
        "+".join(network.classes[index] for index in target): round(weight, 4)
        for target, weight in label_weights.items()
    }
    training = {
        "recipe": order.recipe.to_json(),
        "jitter": vars(order.jitter),
        "painted": order.painted,
        "auto_augment": order.auto_augment,
        "balanced": order.balanced,
        "class_weights": weights,
        "torch": torch.__version__,
        **settings,
    }
    contract = Contract(network.input_px).to_json()
    return CheckpointHeader(
        network=network.name,
        size=order.size,
        settings=network.settings(),
        classes=network.classes,
        contract=contract,
        training=training,
        data=dict(account),
    )


def saved_run(order: Order, header: CheckpointHeader) -> SavedRun:
    """Where the run saves its state. Only the same network, images and settings may go on from it.

    With other images the split would be another, and what is held out now may have been fitted on before.
    """
    loose = {"recipe", "torch"}
    training = {name: value for name, value in header.training.items() if name not in loose}
    same = [header.settings, header.data, training]
    digest = sha256_of_bytes(json.dumps(same, sort_keys=True).encode())
    return SavedRun(state_path(order.output), digest, order.resume)


def write_result(
    order: Order, network: Network, header: CheckpointHeader, metrics: dict[str, Any]
) -> CheckpointHeader:
    """Writes the checkpoint, then removes the run's state; returns the header with its figures."""
    header = replace(header, metrics=metrics)
    save_checkpoint(order.output, network, header)
    forget_state(state_path(order.output))
    return header
