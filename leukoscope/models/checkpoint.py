"""Checkpoints: weights as safetensors, and beside them in the same file all that is needed to use and to judge them.

The header is JSON under the key `leukoscope` of the safetensors metadata. No code is stored and none is run.
"""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.models.budget import budget_of
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network

FORMAT = "leukoscope-checkpoint"
VERSION = 1
METADATA_KEY = "leukoscope"


@dataclasses.dataclass(frozen=True)
class CheckpointHeader:
    """What a checkpoint says about its weights; every value is JSON."""

    network: str
    size: str
    """nano, small, full, or `custom`."""
    settings: dict[str, Any]
    """`Network.settings()`."""
    classes: tuple[str, ...]
    contract: dict[str, Any]
    """`Contract.to_json()`: how a field was brought to the network's input."""
    training: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Every setting of the run, the seed, the versions, the recipe."""
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    """`parts`: {part: {group: [sha256 of the image files]}}, and where they came from."""
    metrics: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Figures on the held part, and the baselines beside them."""

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "CheckpointHeader":
        """Raises InputError unless `value` is a header of this version with exactly its fields."""
        found = value.get("format"), value.get("version")
        if found != (FORMAT, VERSION):
            raise InputError(f"header says {found}", wanted=f"{(FORMAT, VERSION)}")
        fields = {key: item for key, item in value.items() if key not in ("format", "version")}
        names = {field.name for field in dataclasses.fields(cls)}
        if set(fields) != names:
            raise InputError(f"header has {sorted(fields)}", wanted=f"{sorted(names)}")
        for field in ("settings", "contract", "training", "data", "metrics"):
            if not isinstance(fields[field], dict):
                raise InputError(f"header field {field} is no object")
        for field in ("network", "size"):
            if not isinstance(fields[field], str):
                raise InputError(f"header field {field} is no name")
        classes = fields["classes"]
        if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
            raise InputError("header field classes is no list of names")
        return cls(**{**fields, "classes": tuple(classes)})


def save_checkpoint(
    path: Path, network: Network, header: CheckpointHeader, *, half: bool = False
) -> None:
    """Writes weights and header to `path`, whole or not at all.

    `half` stores the kernels (two dimensions and more) as float16; biases, batch statistics and the temperature
    stay float32, because running variances leave float16's range. Raises InputError for a weight that is not finite.
    """
    tensors = {name: _stored(name, value, half) for name, value in network.state_dict().items()}
    blob = save(tensors, metadata={METADATA_KEY: json.dumps(header.to_json(), allow_nan=False)})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load_header(path: Path) -> CheckpointHeader:
    """The header alone. Raises InputError if `path` is not a checkpoint of ours."""
    return _read(path, weights=False)[0]


def load_checkpoint(path: Path) -> tuple[Network, CheckpointHeader]:
    """The network in eval mode with float32 weights, and its header.

    Strict: classes and contract must be the network's own, and so every key, shape and kind of number. Raises
    InputError otherwise.
    """
    header, tensors = _read(path, weights=True)
    try:
        network = _built(header, tensors)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError) as error:
        raise InputError(f"{path}: no network has these settings: {error}") from error
    load_strictly(network, tensors, str(path))
    return network.eval(), header


def load_strictly(network: Network, tensors: Mapping[str, Tensor], origin: str) -> None:
    """Copies `tensors` into the network. Raises InputError that lists the keys and shapes that do not fit."""
    own = network.state_dict()
    faults = [f"missing {name}" for name in own if name not in tensors]
    faults += [f"unknown {name}" for name in tensors if name not in own]
    faults += [
        f"{name} {fault}"
        for name, value in tensors.items()
        if name in own and (fault := _fault(value, own[name]))
    ]
    if faults:
        more = f" and {len(faults) - 8} more" if len(faults) > 8 else ""
        raise InputError(f"{origin}: weights do not fit: {', '.join(faults[:8])}{more}")
    network.load_state_dict({name: tensors[name].to(value.dtype) for name, value in own.items()})


def _built(header: CheckpointHeader, tensors: Mapping[str, Tensor]) -> Network:
    with budget_of(tensors.values()):
        network = build_network(header.network, header.settings)
    if network.classes != header.classes:
        raise InputError(f"classes {header.classes}", wanted=f"{network.classes}")
    input_px = Contract.from_json(header.contract).input_px
    if input_px != network.input_px:
        raise InputError(f"a contract of {input_px} px", wanted=f"{network.input_px} px")
    return network


def _fault(value: Tensor, own: Tensor) -> str:
    """What keeps `value` from taking the place of `own`; nothing where it fits."""
    if value.shape != own.shape:
        return f"{list(value.shape)} instead of {list(own.shape)}"
    narrow = own.is_floating_point() and value.dtype == torch.float16
    if value.dtype != own.dtype and not narrow:
        return f"{value.dtype} instead of {own.dtype}"
    return "" if value.isfinite().all() else "not finite"


def _read(path: Path, *, weights: bool) -> tuple[CheckpointHeader, dict[str, Tensor]]:
    if not path.is_file():
        raise InputError(f"no checkpoint at {path}", next_step="leukoscope train --help")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()} if weights else {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path} is not a safetensors file: {error}") from error
    try:
        values = json.loads(metadata[METADATA_KEY], parse_constant=_no_constant)
        return CheckpointHeader.from_json(values), tensors
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path} carries no header of a Leukoscope checkpoint",
            next_step="leukoscope train --help",
        ) from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _stored(name: str, value: Tensor, half: bool) -> Tensor:
    narrow = half and value.is_floating_point() and value.ndim > 1
    stored = value.detach().to("cpu", torch.float16 if narrow else value.dtype)
    if not stored.isfinite().all():
        raise InputError(f"weight {name} is not finite" + (" as float16" if narrow else ""))
    # A copy: safetensors refuses tensors that share memory or are strided (channels_last).
    return stored.clone(memory_format=torch.contiguous_format)
