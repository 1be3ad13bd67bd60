"""A `tensorrt` that builds nothing: it takes the calls of a build, remembers them, and does as its script says."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from leukoscope.runtime.engines.library import Library

INSPECTION = json.dumps(
    {
        "Layers": [
            {
                "Name": "conv1 + relu1",
                "LayerType": "CaskConvolution",
                "Inputs": [{"Name": "a", "Dimensions": [1, 8, 9, 9], "Format/Datatype": "Int8"}],
                "Outputs": [{"Name": "b", "Dimensions": [1, 8, 9, 9], "Datatype": "Half"}],
                "Metadata": "[ONNX Layer: conv1][ONNX Layer: relu1]",
            }
        ]
    }
)


@dataclass
class Script:
    """What happens, and what has happened."""

    plan: bytes | None = b"a plan"
    said: list[tuple[int, str]] = field(default_factory=list)
    """Severity and words, said while the engine is built."""
    parser_errors: list[Any] = field(default_factory=list)
    phases: list[tuple[str, int]] = field(default_factory=list)
    batch: int = -1
    """Of the graph's input; -1 is any."""
    cache_fits: bool = True
    starts: bool = True
    calls: dict[str, Any] = field(default_factory=dict)
    builds: int = 0


def parser_error(node, operator, words, code="ErrorCode.UNSUPPORTED_NODE"):
    return SimpleNamespace(
        node_name=lambda: node,
        node_operator=lambda: operator,
        desc=lambda: words,
        code=lambda: code,
    )


def library(script: Script, name="tensorrt", version="10.3.0") -> Library:
    return Library(module(script), name, version)


def module(script: Script) -> Any:
    class ILogger:
        INTERNAL_ERROR, ERROR, WARNING, INFO, VERBOSE = range(5)

    class IProgressMonitor:
        pass

    class Cache:
        def __init__(self, data):
            self.data = data

        def serialize(self):
            return memoryview(self.data + b"+")

    class Config:
        def set_memory_pool_limit(self, pool, size):
            script.calls["limit"] = (pool, size)

        def create_timing_cache(self, data):
            script.calls.setdefault("timing", []).append(data)
            return Cache(data)

        def set_timing_cache(self, cache, ignore_mismatch):
            fits = script.cache_fits or cache.data == b""
            if fits:
                self.cache = cache
            return fits

        def get_timing_cache(self):
            return self.cache

        def add_optimization_profile(self, profile):
            script.calls["profile"] = profile.shapes
            return 0

    class Profile:
        def __init__(self):
            self.shapes = {}

        def set_shape(self, name, *shapes):
            self.shapes[name] = shapes

    class Builder:
        def __init__(self, logger):
            if not script.starts:
                raise TypeError("factory function returned nullptr")
            self.logger = logger

        def create_network(self, flags):
            script.calls["flags"] = flags
            port = SimpleNamespace(name="frames", shape=(script.batch, 8, 8, 3))
            return SimpleNamespace(num_inputs=1, get_input=lambda index: port)

        def create_builder_config(self):
            return Config()

        def create_optimization_profile(self):
            return Profile()

        def build_serialized_network(self, network, config):
            script.builds += 1
            script.calls["config"] = config
            for name, steps in script.phases:
                config.progress_monitor.phase_start(name, None, steps)
                for step in range(steps):
                    if not config.progress_monitor.step_complete(name, step):
                        return None
                config.progress_monitor.phase_finish(name)
            for severity, words in script.said:
                self.logger.log(severity, words)
            return script.plan

    class OnnxParser:
        num_errors = property(lambda self: len(script.parser_errors))

        def __init__(self, network, logger):
            pass

        def parse(self, data):
            return not script.parser_errors

        def get_error(self, index):
            return script.parser_errors[index]

    class Runtime:
        def __init__(self, logger):
            pass

        def deserialize_cuda_engine(self, plan):
            inspector = SimpleNamespace(get_engine_information=lambda form: INSPECTION)
            return SimpleNamespace(create_engine_inspector=lambda: inspector)

    return SimpleNamespace(
        ILogger=ILogger,
        IProgressMonitor=IProgressMonitor,
        Builder=Builder,
        OnnxParser=OnnxParser,
        Runtime=Runtime,
        NetworkDefinitionCreationFlag=SimpleNamespace(STRONGLY_TYPED=1),
        ProfilingVerbosity=SimpleNamespace(DETAILED="detailed"),
        MemoryPoolType=SimpleNamespace(WORKSPACE="workspace"),
        LayerInformationFormat=SimpleNamespace(JSON="json"),
    )
