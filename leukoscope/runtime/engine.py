"""A bundle's networks, opened on a backend."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leukoscope.bundle.manifest import NetworkEntry
from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.runtime.backends.backend import Backend
from leukoscope.runtime.backends.choose import NATIVE, open_native
from leukoscope.runtime.backends.onnxruntime import (
    CPU,
    CUDA,
    OnnxRuntimeBackend,
    available_cores,
    has_cuda,
    open_onnxruntime,
)
from leukoscope.runtime.backends.openvino import OPENVINO
from leukoscope.runtime.backends.processor import Choice, choose_for_processor, open_by_name
from leukoscope.runtime.precision import (
    check_gate,
    fastest_precision,
    reference_precision,
    remark,
)
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
    notes: tuple[str, ...] = ()
    """Why it is this backend, where a better one was to be had."""

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

    `settings.precision` is for the networks that have it, the others run in float; without it each runs in the fastest
    variant that passed its gate (precision.fastest_precision). Raises InputError for untrained networks unless
    `settings.allow_untrained`, for a bundle with none of the networks, and for a precision that none of them has;
    GateError for a variant that failed its gate unless `settings.allow_failed`.
    """
    wanted = [name for name in OUTPUTS if networks is None or name in networks]
    entries = {
        name: entry for name in wanted if (entry := bundle.manifest.networks.get(name)) is not None
    }
    if not entries:
        raise InputError(f"{bundle.root} has none of {', '.join(wanted)}")
    _check_asked(bundle, entries, settings.precision)
    return {name: _open(bundle, name, entry, settings) for name, entry in entries.items()}


def remarks(bundle: Bundle, engines: Mapping[str, Engine], settings: Settings) -> list[str]:
    """What should be said of the variants that were opened, a line each."""
    lines: list[str] = []
    for name, engine in engines.items():
        variants = bundle.network(name).variants
        lines += engine.notes
        lines.append(remark(name, engine.backend.precision, variants, settings.precision))
    return [line for line in lines if line]


def _check_asked(
    bundle: Bundle, entries: Mapping[str, NetworkEntry], precision: str | None
) -> None:
    """InputError where no network has the precision that is asked for."""
    if precision is None or any(precision in entry.variants for entry in entries.values()):
        return
    for name in entries:
        bundle.variant(name, precision)


def _open(bundle: Bundle, name: str, entry: NetworkEntry, settings: Settings) -> Engine:
    if not entry.trained and not settings.allow_untrained:
        raise InputError(
            f"{name} in {bundle.root} has random weights: its results mean nothing",
            wanted="a trained network",
            next_step="give --allow-untrained if you only want the timing",
        )
    contract = Contract.from_json(entry.contract)
    native = open_native(bundle, name, settings)
    if native.backend is not None:
        notes = (*native.notes, *native.backend.notes)
        return Engine(name, entry.classes, contract, native.backend, notes)
    choice = _open_other(bundle, name, entry, _without_native(settings))
    notes = tuple(f"{note}; {choice.backend.name} takes over" for note in native.notes)
    return Engine(name, entry.classes, contract, choice.backend, (*notes, *choice.notes))


def _open_other(bundle: Bundle, name: str, entry: NetworkEntry, settings: Settings) -> Choice:
    """ONNX Runtime, or OpenVINO where it is asked for, or with `auto` where it is the quicker one on the processor."""
    if settings.backend == OPENVINO:
        precision = _precision(name, entry, OPENVINO, settings)
        found, notes = open_by_name(bundle, name, precision, settings.threads)
        if found is not None:
            return Choice(found)
        taken = _open_onnxruntime(bundle, name, entry, replace(settings, backend=CPU))
        return Choice(taken, tuple(f"{note}; {taken.name} takes over" for note in notes))
    backend = _open_onnxruntime(bundle, name, entry, settings)
    # Calls side by side use the cores better than OpenVINO's one call at a time on all of them.
    if settings.backend != "auto" or backend.name != CPU or settings.calls_at_once > 1:
        return Choice(backend)
    return choose_for_processor(bundle, name, backend, settings.threads)


def _without_native(settings: Settings) -> Settings:
    return replace(settings, backend="auto") if settings.backend in NATIVE else settings


def _open_onnxruntime(
    bundle: Bundle, name: str, entry: NetworkEntry, settings: Settings
) -> OnnxRuntimeBackend:
    """In the precision that is asked for; else the fastest on the provider that starts."""
    if settings.precision is not None:
        precision = _precision(name, entry, settings.backend, settings)
        return _open_variant(bundle, name, precision, settings)
    hoped = settings.backend if settings.backend != "auto" else CUDA if has_cuda() else CPU
    backend = _open_fastest(bundle, name, entry, hoped, settings)
    if backend.name == hoped:
        return backend
    # CUDA is built in but did not start: what is fastest there is not what is fastest here.
    return _open_fastest(bundle, name, entry, backend.name, settings)


def _open_fastest(
    bundle: Bundle, name: str, entry: NetworkEntry, backend: str, settings: Settings
) -> OnnxRuntimeBackend:
    precision = _precision(name, entry, backend, settings)
    return _open_variant(bundle, name, precision, settings)


def _precision(name: str, entry: NetworkEntry, backend: str, settings: Settings) -> str:
    """The variant that is asked for, the float one where there is none such, else the fastest; GateError if it may not run."""
    precision = settings.precision
    if precision is None:
        undecided = settings.accept_undecided
        precision = fastest_precision(entry.variants, backend, accept_undecided=undecided)
    elif precision not in entry.variants:
        precision = reference_precision(entry.variants)
    variant = entry.variants[precision]
    check_gate(name, precision, variant, allow_failed=settings.allow_failed)
    return precision


def _open_variant(
    bundle: Bundle, name: str, precision: str, settings: Settings
) -> OnnxRuntimeBackend:
    return open_onnxruntime(
        bundle.graph(name, precision),
        bundle.variant(name, precision).file,
        precision,
        backend=settings.backend,
        threads=_threads(settings),
    )


def _threads(settings: Settings) -> int | None:
    if settings.threads is not None or settings.calls_at_once == 1:
        return settings.threads
    return max(1, available_cores() // settings.calls_at_once)


def _shape(name: str, batch: int, classes: int, side: int) -> tuple[int, ...]:
    """Wanted shape of an output; 0 is any."""
    return {
        "probabilities": (batch, classes),
        "features": (batch, 0),
        "cams": (batch, classes, 0, 0),
        "mask": (batch, 3, side, side),
    }[name]
