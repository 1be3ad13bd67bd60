"""Rules that a quantized model as a whole must keep."""

from collections.abc import Iterator

import onnx
from onnx import TensorProto

from leukoscope.calibration.fault import Fault

OPSETS = range(17, 20)
IR_LIMIT = 10
HALF_SCALES_OPSET = 19


def versions_rule(model: onnx.ModelProto) -> Iterator[Fault]:
    """Opset 17 to 19, from 19 where scales are in half, and IR 10 or lower: JetPack 6's parser takes no more."""
    domains = [entry.domain for entry in model.opset_import]
    if len(domains) != 1 or domains[0] not in ("", "ai.onnx"):
        listed = ", ".join(domain or "ai.onnx" for domain in domains) or "none"
        yield Fault("domain", "", f"opsets of {listed}", "the default domain only")
    opset = max((int(entry.version) for entry in model.opset_import), default=0)
    if opset not in OPSETS:
        yield Fault("opset", "", f"opset {opset}", f"{OPSETS.start} to {OPSETS.stop - 1}")
    if model.ir_version > IR_LIMIT:
        yield Fault("IR", "", f"IR {model.ir_version}", f"{IR_LIMIT} or lower")
    if opset < HALF_SCALES_OPSET and (node := _with_half_scale(model.graph)) is not None:
        found = f"a scale in half under opset {opset}"
        yield Fault("half scale", node.name, found, f"opset {HALF_SCALES_OPSET}")


def ports_rule(model: onnx.ModelProto) -> Iterator[Fault]:
    """`frames` stays uint8 and every output float32, whatever is between."""
    for values, wanted in ((model.graph.input, "UINT8"), (model.graph.output, "FLOAT")):
        for value in values:
            found = TensorProto.DataType.Name(value.type.tensor_type.elem_type)
            if found != wanted:
                yield Fault("port", value.name, found.lower(), wanted.lower())


def sound_rule(model: onnx.ModelProto) -> Iterator[Fault]:
    """The onnx package's own check with types and shapes: nodes in order, types of Q/DQ and of their scales alike."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker raises several kinds, some of them bare
        found = " ".join(str(error).split())[:200]
        yield Fault("soundness", "", found, "a model that the onnx package's checker takes")


def _with_half_scale(graph: onnx.GraphProto) -> onnx.NodeProto | None:
    halves = {t.name for t in graph.initializer if t.data_type == TensorProto.FLOAT16}
    linear = ("QuantizeLinear", "DequantizeLinear")
    scaled = (n for n in graph.node if n.op_type in linear and len(n.input) > 1)
    return next((node for node in scaled if node.input[1] in halves), None)
