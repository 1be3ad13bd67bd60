"""The state of a run after an epoch, so that a killed run goes on from there."""

import os
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from leukoscope.errors import InputError
from leukoscope.training.recipe import Recipe

MAY_CHANGE = ("threads", "max_minutes", "epochs", "patience")
"""Settings of a recipe that a resumed run may give anew."""


@dataclass(frozen=True)
class SavedRun:
    """Where the state of a run lies, and whether to go on from it."""

    path: Path
    fingerprint: str
    """Of the network, the images and the settings; a state with another one is refused."""
    resume: bool


@dataclass
class Course:
    """How far a run is."""

    epoch: int = 0
    minutes: float = 0.0
    best_score: float = -1.0
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def state_path(checkpoint: Path) -> Path:
    """Where the state of a run lies, beside the checkpoint it will write."""
    return checkpoint.with_name(checkpoint.name + ".state")


def save_state(saved: SavedRun, parts: dict[str, Any], course: Course, recipe: Recipe) -> None:
    """Writes the state whole or not at all."""
    state = {name: part.state_dict() for name, part in parts.items()}
    state["course"], state["recipe"] = asdict(course), recipe.to_json()
    state["fingerprint"] = saved.fingerprint
    unfinished = saved.path.with_name(saved.path.name + ".part")
    with unfinished.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(saved.path)


def load_state(saved: SavedRun, parts: dict[str, Any], recipe: Recipe) -> Course:
    """Brings `parts` to the saved state and returns the course. Raises InputError if there is none that fits."""
    if not saved.path.is_file():
        raise InputError(f"nothing to resume at {saved.path}", next_step="start without --resume")
    try:
        state = torch.load(saved.path, weights_only=True)
        _same_recipe(state["recipe"], recipe)
        if state["fingerprint"] != saved.fingerprint:
            raise ValueError("the network, the images or the settings are not the same")
        for name, part in parts.items():
            part.load_state_dict(state[name])
        return Course(**state["course"])
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unfit(saved.path, error) from error
    except (EOFError, OSError, pickle.UnpicklingError) as error:
        raise _unfit(saved.path, error) from error


def forget_state(path: Path) -> None:
    """Removes the state once the checkpoint is written."""
    path.unlink(missing_ok=True)


def _unfit(path: Path, error: Exception) -> InputError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return InputError(f"{path} does not fit this run: {reason}", next_step="start without --resume")


def _same_recipe(found: dict[str, Any], recipe: Recipe) -> None:
    for name, value in recipe.to_json().items():
        if name not in MAY_CHANGE and found[name] != value:
            raise ValueError(f"{name} was {found[name]}, now {value}")
