"""A key and an engine for tests of where engines are kept."""

from leukoscope.runtime.engines.compile import Compiled
from leukoscope.runtime.engines.key import Key
from leukoscope.runtime.engines.layers import EngineLayer

KEY = Key(
    network="xincept_all",
    graph_sha256="ab" * 32,
    precision="int8_fp16",
    profile=(1, 1, 8),
    backend="tensorrt",
    backend_version="10.3.0",
    gpu="Orin",
    compute_capability="8.7",
    driver="12.6",
)
LAYERS = (EngineLayer("a", "gemm", (), (), (), ("head",)),)
COMPILED = Compiled(b"a plan of some bytes", LAYERS, 1.5)
