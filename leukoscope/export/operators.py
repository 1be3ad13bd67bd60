"""The operators that a float graph may hold: ordinary ones, that ONNX Runtime and TensorRT 10.3's parser both have."""

from leukoscope.bundle.onnx_wire import GraphFacts
from leukoscope.errors import GateError

LAYERS = {"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "LayerNormalization"}
POOLING = {"AveragePool", "GlobalAveragePool", "MaxPool", "Resize"}
REDUCTIONS = {"ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"}
ACTIVATIONS = {
    "Clip",
    "Elu",
    "Erf",
    "HardSigmoid",
    "LeakyRelu",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Tanh",
}
ARITHMETIC = {
    *("Abs", "Add", "Div", "Exp", "Log", "Max", "Min", "Mul", "Neg", "Pow", "Reciprocal", "Sqrt", "Sub"),
    *("And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or", "Where"),
}  # fmt: skip
SHAPES = {
    *("Cast", "Concat", "Constant", "ConstantOfShape", "Expand", "Flatten", "Gather", "Identity", "Pad"),
    *("Reshape", "Shape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"),
}  # fmt: skip
ALLOWED = frozenset(LAYERS | POOLING | REDUCTIONS | ACTIVATIONS | ARITHMETIC | SHAPES)


def check_operators(facts: GraphFacts) -> None:
    """Raises GateError that names the operators which are not in the list."""
    if unknown := sorted(set(facts.operators) - ALLOWED):
        raise GateError(
            f"the graph holds {', '.join(unknown)}",
            wanted="operators that every engine has",
            next_step="report this with the versions from `leukoscope doctor`",
        )
