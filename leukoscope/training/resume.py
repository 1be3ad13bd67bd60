"""The state of a run after an epoch, so that a killed run goes on from there."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from leukoscope.errors import InputError
from leukoscope.training.recipe import Recipe

if TYPE_CHECKING:
    from leukoscope.training.loop import Course

MAY_CHANGE = ("threads", "max_minutes", "epochs", "patience")
"""Settings of a recipe that a resumed run may give anew."""


def state_path(checkpoint: Path) -> Path:
    """Where the state of a run lies, beside the checkpoint it will write."""
    return checkpoint.with_name(checkpoint.name + ".state")


def save_state(path: Path, parts: dict[str, Any], course: "Course", recipe: Recipe) -> None:
    """Writes the state whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {name: part.state_dict() for name, part in parts.items()}
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        torch.save({"course": asdict(course), "recipe": recipe.to_json(), **state}, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load_state(path: Path, parts: dict[str, Any], course: "Course", recipe: Recipe) -> None:
    """Brings `parts` and `course` to the saved state. Raises InputError if there is none that fits `recipe`."""
    if not path.is_file():
        raise InputError(f"nothing to resume at {path}", next_step="start without --resume")
    try:
        state = torch.load(path, weights_only=True)
        _same_recipe(state["recipe"], recipe)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        for name, value in state["course"].items():
            setattr(course, name, value)
    except (RuntimeError, ValueError, KeyError, EOFError, OSError) as error:
        raise InputError(
            f"{path} does not fit this run: {str(error).splitlines()[0]}",
            next_step="start without --resume",
        ) from error


def forget_state(path: Path) -> None:
    """Removes the state once the checkpoint is written."""
    path.unlink(missing_ok=True)


def _same_recipe(saved: dict[str, Any], recipe: Recipe) -> None:
    for name, value in recipe.to_json().items():
        if name not in MAY_CHANGE and saved[name] != value:
            raise ValueError(f"{name} was {saved[name]}, now {value}")
