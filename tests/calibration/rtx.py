"""TensorRT-RTX compiles a graph ahead of time, without a GPU, and tells which layers it made, in which types.

    layers = compile_listing(model.SerializeToString())
    types = types_by_node(layers)["fuse_last.mix.conv/Conv"]     # ("Int8", "Int8") or ("Float", "Float")
    words = refusal(broken.SerializeToString())                  # what leukoscope says of it, on one line

It is leukoscope's own way of building (leukoscope/runtime/engines). TensorRT keeps the first logger of a process
for good, so each graph is compiled in a process of its own.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from leukoscope.errors import LeukoscopeError
from leukoscope.progress import Silent
from leukoscope.runtime.engines import compile as compiling
from leukoscope.runtime.engines.compile import Graph, compile_plan
from leukoscope.runtime.engines.layers import (
    EngineLayer,
    layers_from_json,
    layers_json,
    types_by_node,
)
from leukoscope.runtime.engines.library import TENSORRT_RTX, load_tensorrt
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.engines.scales import check_scales

BATCH = 4
__all__ = ["compile_listing", "compile_model", "refusal", "tensorrt_rtx", "types_by_node"]


@dataclass(frozen=True)
class Compiled:
    layers: tuple[EngineLayer, ...]
    plan_bytes: int


def compile_listing(data, **request):
    """The layers that TensorRT-RTX makes of an ONNX model's bytes; AssertionError with our words if it refuses."""
    return compile_model(data, **request).layers


def compile_model(data, **request):
    """The same with the plan's size, for compute capability 8.9 and batches of 1 to BATCH unless said otherwise."""
    value = _in_child(data, request)
    assert "error" not in value, value["error"]
    return Compiled(layers_from_json(value["layers"]), value["plan_bytes"])


def refusal(data, **request):
    """What we say of a graph that is not built; AssertionError if it is.

    `look` first looks at the scales; without `profile` the builder is not told which batches there are.
    """
    value = _in_child(data, request)
    assert "error" in value
    return value["error"]


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


def _in_child(data, request):
    command = [sys.executable, __file__, json.dumps(request)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    return json.loads(done.stdout)


def _compile(data, *, look=False, profile=True, precision="fp32", **request):
    if look:
        check_scales(data, "graph.onnx")
    if not profile:
        compiling._add_profile = lambda *_: None
    asked = {"batches": (1, BATCH), "compute_capability": "8.9", **request}
    asked["batches"] = tuple(asked["batches"])
    graph = Graph("network", precision, "graph.onnx", data)
    library = load_tensorrt(TENSORRT_RTX)
    return compile_plan(library, graph, BuildRequest(TENSORRT_RTX, **asked), Silent())


def _answer(data, request):
    try:
        found = _compile(data, **request)
    except LeukoscopeError as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"layers": layers_json(found.layers), "plan_bytes": len(found.plan)}


if __name__ == "__main__":
    json.dump(_answer(sys.stdin.buffer.read(), json.loads(sys.argv[1])), sys.stdout)
