"""The proof that a graph is the network: ONNX Runtime against torch, and the maps against autograd."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from leukoscope.errors import GateError
from leukoscope.export.evidence import EVIDENCE, with_evidence
from leukoscope.export.frames import Frames
from leukoscope.export.reference import torch_outputs
from leukoscope.export.relative_error import BY_CLASS, largest, relative_errors
from leukoscope.models.network import Network
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.onnxruntime import CPU, open_onnxruntime

TOLERANCE = 1e-4
"""For every output, of the largest value; float32 through two hundred layers leaves 1e-7 to 2e-5."""
LEAST_NOT_ZERO = 0.9
FAINT = 0.1
"""A map below this share of its evidence is what cancellation left: the rounding in it is of the evidence's size, so it is held
to this share of the evidence instead of to its own maximum (our choice)."""
SINGLES = 5
BATCH = 5

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class OutputParity:
    """The largest error of one output, where it was, and what it was held to."""

    max_error: float
    tolerance: float
    frame: int
    channel: int | None
    """Index of the class for outputs by class."""
    plain_max_error: float | None = None
    """Of `cams`: what the largest error would be if faint maps were held to their own maximum."""


@dataclass(frozen=True)
class MapsShown:
    """Shares of torch's maps with any value above zero: of all, of those of the class that was voted, by class.

    `faint` is the share of all maps below `FAINT` of their evidence, zero ones included.
    """

    all: float
    voted: float
    by_class: Mapping[str, float]
    faint: float = 0.0


@dataclass(frozen=True)
class Parity:
    """The proof of one graph. `evidence` among the outputs is the maps before their rectifier."""

    outputs: Mapping[str, OutputParity]
    shown: MapsShown
    frames: int
    data: str

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            **{name: _figures(found) for name, found in self.outputs.items()},
            "maps_not_zero": self.shown.all,
            "maps_not_zero_voted": self.shown.voted,
            "maps_not_zero_by_class": dict(self.shown.by_class),
            "maps_faint": self.shown.faint,
            "frames": self.frames,
            "data": self.data,
        }


def measure(
    network: Network, graph: bytes, frames: Frames, data: str, progress: Progress | None = None
) -> Parity:
    """Runs `graph` and the network on `frames`, the first five one by one, the others in batches of five.

    `data` says in words what the frames are. ONNX Runtime runs as the runtime runs it, on the CPU, all of its
    optimisations on.
    """
    infer = _runner(network, graph)
    batches = list(_batches(frames))
    errors: dict[str, list[NDArray[np.float64]]] = {}
    plain = 0.0
    references: list[Arrays] = []
    for batch in (progress or Silent()).track(batches, f"proving {network.name}"):
        ours, theirs = infer(batch), _arrays(network, batch)
        for name, wanted in theirs.items():
            least = FAINT * largest(theirs[EVIDENCE]) if name == "cams" else None
            found = relative_errors(name, ours[name], wanted, least)
            errors.setdefault(name, []).append(found)
        plain = max(plain, float(relative_errors("cams", ours["cams"], theirs["cams"]).max()))
        references.append(theirs)
    outputs = {name: _worst(name, np.concatenate(found)) for name, found in errors.items()}
    outputs["cams"] = replace(outputs["cams"], plain_max_error=plain)
    return Parity(outputs, _shown(network, references), len(frames), data)


def check(parity: Parity, network: Network, *, trained: bool) -> None:
    """Raises GateError where an output misses its tolerance, or where a trained network's maps show nothing.

    Nine tenths of the maps of the voted class must have a value above zero. Maps of other classes may rightly be
    zero, and are proved by their evidence. Random weights may give no map at all: only the share is reported.
    """
    for name, found in parity.outputs.items():
        if not found.max_error <= found.tolerance:  # NaN fails too
            raise GateError(
                f"{network.name}: {name} of the graph differ from torch's by {found.max_error:.2g}"
                f" of the largest value ({_place(name, found, network)})",
                wanted=f"at most {found.tolerance:g}",
                next_step="nothing was written; report this with what `leukoscope doctor` says",
            )
    if trained and parity.shown.voted < LEAST_NOT_ZERO:
        raise GateError(
            f"{network.name}: {parity.shown.voted:.0%} of the voted classes' Grad-CAM maps show anything",
            wanted=f"at least {LEAST_NOT_ZERO:.0%}",
            next_step="nothing was written; train the network further, or prove it on real images by --parity-data",
        )


def _runner(network: Network, graph: bytes) -> Callable[[Frames], Arrays]:
    """Frames -> outputs of the graph as it is shipped, and the evidence of one that hands it out."""
    file = f"{network.name}.fp32.onnx"
    shipped = open_onnxruntime(graph, file, "fp32", backend=CPU)
    outspoken = open_onnxruntime(with_evidence(graph), file, "fp32", backend=CPU)

    def infer(batch: Frames) -> Arrays:
        outputs = shipped.infer(batch)
        evidence = outspoken.infer(batch)[EVIDENCE].reshape(outputs["cams"].shape)
        return {**outputs, EVIDENCE: evidence}

    return infer


def _figures(found: OutputParity) -> dict[str, float]:
    figures = {"max_error": found.max_error, "tolerance": found.tolerance}
    if found.plain_max_error is not None:
        figures["plain_max_error"] = found.plain_max_error
    return figures


def _worst(name: str, errors: NDArray[np.float64]) -> OutputParity:
    frame, channel = np.unravel_index(int(np.argmax(errors)), errors.shape)
    return OutputParity(
        max_error=float(errors.max()),
        tolerance=TOLERANCE,
        frame=int(frame),
        channel=int(channel) if name in BY_CLASS else None,
    )


def _shown(network: Network, references: list[Arrays]) -> MapsShown:
    peaks = np.concatenate([largest(one["cams"]) for one in references])
    evidence = np.concatenate([largest(one[EVIDENCE]) for one in references])
    voted = np.concatenate([one["probabilities"].argmax(1) for one in references])
    shown = peaks > 0
    return MapsShown(
        all=float(shown.mean()),
        voted=float(shown[np.arange(len(voted)), voted].mean()),
        by_class=dict(zip(network.classes, shown.mean(0).tolist(), strict=True)),
        faint=float((peaks < FAINT * evidence).mean()),
    )


def _place(name: str, found: OutputParity, network: Network) -> str:
    if found.channel is None or name == "mask":
        return f"frame {found.frame}"
    return f"frame {found.frame}, class {network.classes[found.channel]}"


def _batches(frames: Frames) -> Iterator[Frames]:
    for index in range(min(SINGLES, len(frames))):
        yield frames[index : index + 1]
    for start in range(SINGLES, len(frames), BATCH):
        yield frames[start : start + BATCH]


def _arrays(network: Network, frames: Frames) -> Arrays:
    outputs = torch_outputs(network, torch.from_numpy(frames))
    return {name: value.numpy() for name, value in outputs.items()}
