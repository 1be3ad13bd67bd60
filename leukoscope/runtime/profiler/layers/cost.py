"""Operations of a node, from the shapes of what it reads and gives. A multiplication and an addition are two."""

from collections.abc import Mapping

from leukoscope.runtime.profiler.layers.graph import GraphNode
from leukoscope.runtime.profiler.layers.ort_events import TensorFact

PRODUCTS = ("Conv", "ConvTranspose", "MatMul", "Gemm")
"""What convolves or multiplies matrices."""
MOVES = frozenset(
    (
        "Cast", "Concat", "DequantizeLinear", "Expand", "Flatten", "Gather", "Identity", "Pad", "QuantizeLinear",
        "Reshape", "Shape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Where",
    )
)  # fmt: skip
"""What moves numbers or changes their type: no operations, only bytes."""
EACH: Mapping[str, int] = {
    "Sigmoid": 4, "Softmax": 5, "LayerNormalization": 8, "Erf": 8, "Resize": 7, "Clip": 2, "Pow": 2,
}  # fmt: skip
"""Operations for an element of the output, about so many (our choice); 1 for what is not named: Add, Mul, Relu, ..."""
Facts = Mapping[str, TensorFact]


def operations(node: GraphNode, facts: Facts) -> int:
    """How many; 0 where a shape that it takes is not known."""
    output = facts.get(node.outputs[0]) if node.outputs else None
    if output is None or node.operator in MOVES:
        return 0
    if node.operator in PRODUCTS:
        return _product(node, facts, output)
    if node.operator.endswith("Pool") or node.operator.startswith("Reduce"):
        return _window(node, facts, output)
    return output.elements * EACH.get(node.operator, 1)


def products(node: GraphNode, facts: Facts) -> int:
    """Of convolutions and matrix products alone."""
    return operations(node, facts) if node.operator in PRODUCTS else 0


def _product(node: GraphNode, facts: Facts, output: TensorFact) -> int:
    data, weight = (facts.get(name) for name in (*node.inputs, "", "")[:2])
    if data is None or weight is None or not data.shape or not weight.shape:
        return 0
    if (
        node.operator == "ConvTranspose"
    ):  # weight [C, M/g, kh, kw]: each input is spread over M/g kh kw outputs
        return 2 * data.elements * (weight.elements // max(1, weight.shape[0]))
    if node.operator == "Conv":  # weight [M, C/g, kh, kw]: the groups are in its shape
        return 2 * output.elements * (weight.elements // max(1, weight.shape[0]))
    if node.operator == "Gemm":  # either side may be transposed: K is what the output does not have
        return 2 * output.elements * (data.elements // max(1, output.shape[0]))
    return 2 * output.elements * data.shape[-1]


def _window(node: GraphNode, facts: Facts, output: TensorFact) -> int:
    if node.kernel:
        each = 1
        for side in node.kernel:
            each *= side
        return output.elements * each
    data = facts.get(node.inputs[0]) if node.inputs else None
    return data.elements if data is not None else output.elements
