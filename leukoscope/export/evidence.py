"""Grad-CAM before its rectifier: what shows that a map is right even where it is zero throughout.

A trained network may hold that nothing in a field speaks for a class. Then the class's map is zero, rightly, and
comparing it with another zero proves nothing. The weighted sum before the rectifier is negative there, not zero.
"""

import onnx

from leukoscope.errors import GateError

EVIDENCE = "evidence"


def with_evidence(graph: bytes) -> bytes:
    """The same graph with one output more: `evidence` [B, K, h * w], whose positive part `cams` is.

        ... -> MatMul -> Relu -> Reshape -> cams
                 |
                 +-> evidence

    Raises GateError where the graph does not end in this way.
    """
    model = onnx.load_model_from_string(graph)
    makers = {name: node for node in model.graph.node for name in node.output}
    node = makers["cams"]
    if node.op_type == "Reshape":
        node = makers[node.input[0]]
    if node.op_type != "Relu":
        raise GateError(
            f"the graph's cams come of {node.op_type}", wanted="Relu: maps are rectified"
        )
    model.graph.node.append(onnx.helper.make_node("Identity", [node.input[0]], [EVIDENCE]))
    value = onnx.helper.make_tensor_value_info(EVIDENCE, onnx.TensorProto.FLOAT, None)
    model.graph.output.append(value)
    data: bytes = model.SerializeToString()
    return data
