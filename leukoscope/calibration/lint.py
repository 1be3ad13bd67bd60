"""What TensorRT asks of a quantized graph, held on every graph before it is judged.

TensorRT refuses some faults; others it takes in silence and computes in float, or computes something else than ONNX
Runtime does, so that no figure measured on a workstation holds on the device. docs/int8.md lists which is which.
"""

from collections.abc import Callable, Iterator

import onnx

from leukoscope.calibration.fault import Fault
from leukoscope.calibration.graph_index import GraphIndex, index_graph
from leukoscope.calibration.lint_layers import (
    bias_rule,
    branch_rule,
    confidence_rule,
    layer_rule,
    output_rule,
    weight_rule,
)
from leukoscope.calibration.lint_model import ports_rule, sound_rule, versions_rule
from leukoscope.calibration.lint_pairs import constant_rule, pair_rule, scale_rule, zero_point_rule
from leukoscope.errors import GateError

SHOWN = 3
MODEL_RULES: tuple[Callable[[onnx.ModelProto], Iterator[Fault]], ...] = (
    versions_rule,
    ports_rule,
    sound_rule,
)
GRAPH_RULES: tuple[Callable[[GraphIndex], Iterator[Fault]], ...] = (
    scale_rule,
    zero_point_rule,
    pair_rule,
    constant_rule,
    weight_rule,
    bias_rule,
    layer_rule,
    branch_rule,
    confidence_rule,
    output_rule,
)


def lint(model: onnx.ModelProto) -> tuple[Fault, ...]:
    """Every breach of a rule, in the order of the rules; empty for a graph that keeps them all.

    Takes float and half graphs as well: what they do not have cannot be wrong. Never raises for a bad graph.
    """
    index = index_graph(model.graph)
    faults = [fault for rule in MODEL_RULES for fault in rule(model)]
    return (*faults, *(fault for rule in GRAPH_RULES for fault in rule(index)))


def check(model: onnx.ModelProto, name: str) -> None:
    """GateError that names rule, node, what was found and what was wanted of the first faults, and counts them all."""
    faults = lint(model)
    if not faults:
        return
    shown = "; ".join(f"{f.rule} at {f.node or 'the model'}: {f.found}" for f in faults[:SHOWN])
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    raise GateError(
        f"{name} breaks TensorRT's rules with {count}: {shown}",
        wanted="; ".join(dict.fromkeys(fault.wanted for fault in faults[:SHOWN])),
        next_step="docs/int8.md explains the rules",
    )
