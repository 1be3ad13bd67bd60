"""The builder's half of the stand-in for `tensorrt`: it keeps the ONNX file and its batch sizes as the plan."""

import enum
import json


class NetworkDefinitionCreationFlag(enum.IntEnum):
    STRONGLY_TYPED = 1


class ProfilingVerbosity(enum.Enum):
    DETAILED = 2


class MemoryPoolType(enum.Enum):
    WORKSPACE = 0


class LayerInformationFormat(enum.Enum):
    JSON = 1


class IProgressMonitor:
    def phase_start(self, phase_name, parent_phase, num_steps): ...
    def step_complete(self, phase_name, step): ...
    def phase_finish(self, phase_name): ...


class Builder:
    def __init__(self, logger):
        self._logger = logger

    def create_network(self, flags):
        assert flags == 1 << NetworkDefinitionCreationFlag.STRONGLY_TYPED
        return INetworkDefinition()

    def create_builder_config(self):
        return IBuilderConfig()

    def create_optimization_profile(self):
        return IOptimizationProfile()

    def build_serialized_network(self, network, config):
        config.progress_monitor.phase_start("Building", None, 2)
        for step in range(2):
            config.progress_monitor.step_complete("Building", step)
        config.progress_monitor.phase_finish("Building")
        least, tuned, most = (shape[0] for shape in config._profile._shapes["frames"])
        head = {"profile": [least, tuned, most], "scratch_bytes": 4096}
        return json.dumps(head).encode() + b"\n" + network._graph


class INetworkDefinition:
    _graph = b""

    @property
    def num_inputs(self):
        return 1

    def get_input(self, index):
        import onnx

        found = onnx.load_from_string(self._graph).graph.input[index]
        return _Port(found.name, [d.dim_value or -1 for d in found.type.tensor_type.shape.dim])


class _Port:
    def __init__(self, name, shape):
        self.name, self.shape = name, shape


class OnnxParser:
    def __init__(self, network, logger):
        self._network = network

    def parse(self, model, path=None):
        self._network._graph = model
        return True


class IBuilderConfig:
    profiling_verbosity = progress_monitor = _profile = None

    def set_memory_pool_limit(self, pool, pool_size):
        assert pool is MemoryPoolType.WORKSPACE and pool_size > 0

    def add_optimization_profile(self, profile):
        self._profile = profile
        return 0

    def create_timing_cache(self, serialized_timing_cache):
        return ITimingCache()

    def set_timing_cache(self, cache, ignore_mismatch):
        return True

    def get_timing_cache(self):
        return ITimingCache()


class ITimingCache:
    def serialize(self):
        return b"measured"


class IOptimizationProfile:
    def __init__(self):
        self._shapes = {}

    def set_shape(self, input, min, opt, max):
        self._shapes[input] = (min, opt, max)


class EngineInspector:
    def get_engine_information(self, format):
        return json.dumps({"Layers": []})
