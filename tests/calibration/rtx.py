"""TensorRT-RTX compiles a graph ahead of time, without a GPU, and tells which layers it made, in which types.

    layers = compile_listing(model.SerializeToString())
    types = types_by_node(layers)["fuse_last.mix.conv/Conv"]     # ("Int8", "Int8") or ("Float", "Float")

The listing is one VERBOSE message of the builder that begins with `Layers:` (profiling verbosity DETAILED). A line is

    Name: N, LayerType: correlation, Inputs: [ { Name: .., Dimensions: [-1,8,9,9], .., Datatype: Int8, .. }], Constants: [..],
    Outputs: [..], TacticName: .., StreamId: 0, Metadata: [ONNX Layer: a/Conv][ONNX Layer: a.weight/DequantizeLinear]

TensorRT keeps the first logger of a process for good, so each graph is compiled in a process of its own.
"""

import math
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

BATCH = 4
COMPUTE_LAYERS = ("correlation", "convolution", "deconvolution", "gemm")
_TENSOR = re.compile(r"\{ Name: (.*?), Dimensions: \[([-\d,]*)\].*?Datatype: (\w+)")


@dataclass(frozen=True)
class Tensor:
    """What a layer reads or writes; -1 is the batch's side. `dtype` in TensorRT's words: Float, Half, Int8."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Layer:
    """One layer of the plan, and the ONNX nodes that went into it."""

    name: str
    kind: str
    inputs: tuple[Tensor, ...]
    constants: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    nodes: tuple[str, ...]

    @property
    def types(self):
        """Types of the data and of the weights; a product of two inputs has no weights among its constants."""
        weights = next((c for c in self.constants if math.prod(c.shape) > 1), None)
        return tuple(t.dtype for t in (*self.inputs[:1], weights or self.inputs[-1]))


@dataclass(frozen=True)
class Compiled:
    layers: tuple[Layer, ...]
    plan_bytes: int


def compile_listing(data):
    """The layers that TensorRT-RTX makes of an ONNX model's bytes; AssertionError with its words if it refuses."""
    return compile_model(data).layers


def compile_model(data):
    """The same with the plan's size, for compute capability 8.9 and batches of 1 to BATCH."""
    done = subprocess.run([sys.executable, __file__], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    size, _, listing = done.stdout.decode().partition("\n")
    return Compiled(read_listing(listing), int(size))


def read_listing(text):
    lines = text.partition("Layers:\n")[2].splitlines()
    return tuple(_read_layer(line) for line in lines if line.startswith("Name: "))


def types_by_node(layers):
    """Types of data and weights by the name of the ONNX node, of the layers that convolve or multiply matrices."""
    return {
        node: layer.types
        for layer in layers
        if layer.kind in COMPUTE_LAYERS
        for node in layer.nodes
    }


@pytest.fixture(scope="session")
def tensorrt_rtx(pytestconfig):
    """Skips, or fails where LEUKOSCOPE_REQUIRE names `rtx`, if TensorRT-RTX is not installed."""
    try:
        import tensorrt_rtx
    except ImportError:
        plugins = pytestconfig.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("rtx", "TensorRT-RTX is not installed", "pip install tensorrt-rtx")
    return tensorrt_rtx


def _read_layer(line):
    head, _, rest = line.partition(", Inputs: ")
    inputs, _, rest = rest.partition(", Constants: ")
    constants, _, rest = rest.partition(", Outputs: ")
    outputs, _, rest = rest.partition(", TacticName: ")
    name, _, kind = head.removeprefix("Name: ").rpartition(", LayerType: ")
    nodes = re.findall(r"\[ONNX Layer: ([^\]]*)\]", rest)
    return Layer(name, kind, *map(_tensors, (inputs, constants, outputs)), tuple(nodes))


def _tensors(text):
    return tuple(
        Tensor(name, tuple(int(side) for side in sides.split(",") if side), dtype)
        for name, sides, dtype in _TENSOR.findall(text)
    )


def _compile(data):
    import tensorrt_rtx as trt

    listings = []

    class Ear(trt.ILogger):
        def log(self, severity, message):
            if message.startswith("Layers:\n"):
                listings.append(message)
            elif severity <= trt.ILogger.ERROR:
                print(message, file=sys.stderr)

    ear = Ear()
    builder = trt.Builder(ear)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, ear)
    if not parser.parse(data):
        raise SystemExit("\n".join(parser.get_error(i).desc() for i in range(parser.num_errors)))
    plan = builder.build_serialized_network(network, _settings(trt, builder, network))
    if plan is None or not listings:
        raise SystemExit("no plan or no listing")
    print(plan.nbytes)
    print(listings[-1])


def _settings(trt, builder, network):
    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.SM89, 0)
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        port = network.get_input(index)
        one, many = (
            tuple(side if side > 0 else batch for side in port.shape) for batch in (1, BATCH)
        )
        profile.set_shape(port.name, one, one, many)
    config.add_optimization_profile(profile)
    return config


if __name__ == "__main__":
    _compile(sys.stdin.buffer.read())
