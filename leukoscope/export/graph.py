"""From a network to its ONNX graph: `frames` in, probabilities, readings and Grad-CAM maps out."""

import copy
import itertools
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx

from leukoscope.export.decompositions import backward_table
from leukoscope.export.finish import BATCH, finish
from leukoscope.export.gradcam import grad_cams
from leukoscope.export.rewrites import rewrite
from leukoscope.models.network import Network, to_images, to_probabilities

if TYPE_CHECKING:
    import onnx

OPSET = 18
MAX_BATCH = 1024


class Deployed(nn.Module):
    """What the graph computes: frames uint8 [B, S, S, 3] -> outputs by name, all float32.

    `probabilities` [B, K], the network's own readings, and `cams` [B, K, h, w] unless `maps` is false. The
    network is copied and frozen.
    """

    def __init__(self, network: Network, *, maps: bool = True) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.tail = trace_tail(self.network) if maps else None

    def forward(self, frames: Tensor) -> dict[str, Tensor]:
        target, side = self.network.encode(to_images(frames))
        if self.tail is None:
            logits, cams = self.network.classify(target, side), {}
        else:
            logits, maps = self.tail(target, side)
            cams = {"cams": maps}
        readings = self.network.readings(target, side)
        return {"probabilities": to_probabilities(self.network, logits), **readings, **cams}


def trace_tail(network: Network) -> fx.GraphModule:
    """`grad_cams` of this network as a flat graph of forward operators: (target, side) -> (logits, cams).

    A module that calls `vjp` inside `forward` is refused by every exporter; the trace of the function is not.
    """
    target, side = network.encode(to_images(example_frames(network)))
    tracer = make_fx(
        lambda target, side: grad_cams(network, target, side),
        tracing_mode="symbolic",
        decomposition_table=backward_table(),
        _allow_non_fake_inputs=True,
    )
    return rewrite(tracer(target, side))


def onnx_graph(network: Network, *, maps: bool = True) -> "onnx.ModelProto":
    """The ONNX model: opset 18, default domain, every weight inside the file and stored once, any batch size."""
    frames = example_frames(network)
    batch = torch.export.Dim(BATCH, min=1, max=MAX_BATCH)
    with quiet(), torch.no_grad():
        module = Deployed(network, maps=maps)
        names = list(module(frames))
        exported = torch.export.export(module, (frames,), dynamic_shapes=({0: batch},))
        program = torch.onnx.export(
            exported,
            dynamo=True,
            external_data=False,
            opset_version=OPSET,
            input_names=["frames"],
            output_names=names,
            verbose=False,
        )
    assert program is not None  # None only where a path to write to is given.
    return finish(program.model_proto, network.name, network.classes, _weight_names(module))


def example_frames(network: Network, count: int = 2) -> Tensor:
    """Black frames uint8 [count, S, S, 3]. Tracers take a batch of 1 for a constant, so two by default."""
    return torch.zeros(count, network.input_px, network.input_px, 3, dtype=torch.uint8)


def _weight_names(module: Deployed) -> dict[str, str]:
    """The exporter's name of each weight -> its dotted name in the network; the traced tail has names of its own."""
    network = module.network
    own = dict(itertools.chain(network.named_parameters(), network.named_buffers()))
    names = {f"network.{name}": name for name in own}
    if module.tail is not None:
        known = {id(tensor): name for name, tensor in own.items()}
        for target in {str(n.target) for n in module.tail.graph.nodes if n.op == "get_attr"}:
            constant = getattr(module.tail, target)
            if id(constant) in known:
                names[f"tail.{target}"] = known[id(constant)]
    return names


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the exporter's warnings and log lines from the user; errors still come through."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
