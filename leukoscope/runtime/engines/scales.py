"""What TensorRT would take without a word and then not compute in INT8: looked for before a build.

Data are quantized by one scale a tensor, stored as a scalar of shape (). With a scale of shape [1], or a scale for
each channel, TensorRT-RTX 1.7 compiles the layer in float and says nothing, while ONNX Runtime runs both alike.
"""

from leukoscope.bundle.onnx_fields import GraphFields
from leukoscope.bundle.onnx_wire import TENSOR_DIMS
from leukoscope.bundle.protobuf import Wire
from leukoscope.errors import InputError
from leukoscope.runtime.engines.wording import CALIBRATE

QUANTIZE = "QuantizeLinear"


def check_scales(graph: bytes, file: str) -> None:
    """InputError that names the first tensor whose data are quantized by a vector of scales."""
    fields = GraphFields(graph, file)
    for node in fields.nodes:
        if node.operator != QUANTIZE or len(node.inputs) < 2 or node.inputs[0] in fields.constants:
            continue
        scale = fields.constants.get(node.inputs[1])
        if scale is not None and TENSOR_DIMS in scale:
            shape = Wire(file).integers(scale, TENSOR_DIMS)
            raise InputError(
                f"{file}: the node QuantizeLinear on {node.inputs[0]} has a scale of shape {shape[:8]}, "
                "with which TensorRT silently computes in float",
                wanted="one scale a tensor, of shape ()",
                next_step=CALIBRATE,
            )
