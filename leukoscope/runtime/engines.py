"""A bundle's networks, opened on a backend."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.manifest import NetworkEntry
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.onnxruntime import open_onnxruntime
from leukoscope.runtime.settings import Settings

FIELD_NETWORK, CELL_NETWORK = "xincept_all", "sg_cldff"
OUTPUTS: dict[str, tuple[str, ...]] = {
    FIELD_NETWORK: ("probabilities", "features", "cams"),
    CELL_NETWORK: ("probabilities", "mask", "cams"),
}
"""What a graph must give for the stages to work."""


@dataclass(frozen=True, eq=False)
class Engine:
    """One network of the bundle in one precision."""

    network: str
    classes: tuple[str, ...]
    contract: Contract
    backend: Backend

    def infer(self, squares: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """[B, S, S, 3] -> outputs by name; InputError where one is missing, misshapen or not finite."""
        arrays = self.backend.infer(squares)
        for name in OUTPUTS[self.network]:
            self._check(name, arrays.get(name), len(squares))
        return arrays

    def _check(self, name: str, array: NDArray[np.float32] | None, batch: int) -> None:
        graph = f"the {self.backend.precision} graph of {self.network}"
        if array is None:
            raise InputError(f"{graph} has no output {name}", next_step="export the bundle again")
        wanted = _shape(name, batch, len(self.classes), self.contract.input_px)
        if len(array.shape) != len(wanted) or any(
            w not in (0, s) for w, s in zip(wanted, array.shape, strict=True)
        ):
            raise InputError(f"{graph} gives {name} {list(array.shape)}", wanted=str(list(wanted)))
        if not np.isfinite(array).all():
            raise InputError(f"{graph} gives {name} that are not finite")


def open_engines(
    bundle: Bundle, settings: Settings, networks: Collection[str] | None = None
) -> dict[str, Engine]:
    """Opens the networks that the runtime knows, or those of `networks`, by name.

    Raises InputError for untrained networks unless `settings.allow_untrained`, for a bundle with none of the
    networks, and for a precision that the bundle lacks.
    """
    wanted = [name for name in OUTPUTS if networks is None or name in networks]
    entries = {name: bundle.manifest.networks.get(name) for name in wanted}
    engines = {
        name: _open(bundle, name, entry, settings) for name, entry in entries.items() if entry
    }
    if not engines:
        raise InputError(f"{bundle.root} has none of {', '.join(wanted)}")
    return engines


def _open(bundle: Bundle, name: str, entry: NetworkEntry, settings: Settings) -> Engine:
    if not entry.trained and not settings.allow_untrained:
        raise InputError(
            f"{name} in {bundle.root} has random weights: its results mean nothing",
            wanted="a trained network",
            next_step="give --allow-untrained if you only want the timing",
        )
    precision = settings.precision or default_precision(entry.variants)
    file = bundle.variant(name, precision).file
    backend = open_onnxruntime(
        bundle.graph(name, precision),
        file,
        precision,
        backend=settings.backend,
        threads=settings.threads,
    )
    return Engine(name, entry.classes, Contract.from_json(entry.contract), backend)


def default_precision(variants: Mapping[str, object]) -> str:
    """`fp32`, else the first variant there is."""
    return "fp32" if "fp32" in variants else next(iter(variants))


def _shape(name: str, batch: int, classes: int, side: int) -> tuple[int, ...]:
    """Wanted shape of an output; 0 is any."""
    return {
        "probabilities": (batch, classes),
        "features": (batch, 0),
        "cams": (batch, classes, 0, 0),
        "mask": (batch, 3, side, side),
    }[name]
