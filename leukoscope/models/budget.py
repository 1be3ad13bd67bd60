"""Keeps settings from elsewhere from asking for all memory: a network may be as large as its file, not larger."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from leukoscope.errors import InputError

SLACK_BYTES = 1 << 24
"""For what a network makes while it is built and does not keep."""


class MemoryBudget(TorchFunctionMode):
    """While it is entered, `torch.empty`, from which every layer makes its parameters, is counted.

    Raises InputError beyond `bytes_`. Memory is taken before it is counted, but not touched.
    """

    def __init__(self, bytes_: int) -> None:
        super().__init__()
        self.left = bytes_

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        if func is torch.empty:
            self.left -= made.nbytes
            if self.left < 0:
                raise InputError("settings of a network that is larger than its file")
        return made


def budget_of(tensors: Iterable[Tensor]) -> MemoryBudget:
    """Room for a network of these tensors in float32, twice over."""
    return MemoryBudget(2 * 4 * sum(value.numel() for value in tensors) + SLACK_BYTES)
