"""Reads a file of weights from elsewhere, without running what may be in it."""

from pathlib import Path

import torch
from torch import Tensor

from leukoscope.errors import InputError


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Tensors by name from a .safetensors file, or from a .pth file without running code. Raises InputError for any other file."""
    if not path.is_file():
        raise InputError(f"no weights at {path}", next_step="check the path that was given")
    try:
        content = _unpacked(path)
    except Exception as error:  # torch.load raises whatever a broken file makes it trip over
        raise InputError(
            f"{path} holds no weights that can be read without running code ({type(error).__name__})",
            wanted="a .safetensors file, or a .pth file of tensors only",
        ) from error
    if not isinstance(content, dict) or not all(map(_is_weight, content.items())):
        raise InputError(f"{path} is no state dict", wanted="tensors by name")
    return content


def _unpacked(path: Path) -> object:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    content = torch.load(path, map_location="cpu", weights_only=True)
    nested = isinstance(content, dict) and "state_dict" in content
    return content["state_dict"] if nested else content


def _is_weight(item: tuple[object, object]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], Tensor)
