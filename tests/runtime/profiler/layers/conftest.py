"""The made network, read and run."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import graph_made

from leukoscope.runtime.profiler.layers.graph import read_network_graph
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.shapes import tensor_facts


@pytest.fixture(scope="session")
def made():
    """The float network."""
    return graph_made.float_graph()


@pytest.fixture(scope="session")
def made_graph(made):
    return read_network_graph(made, "made.onnx")


@pytest.fixture(scope="session")
def made_facts(made, made_graph):
    return tensor_facts(made, "made.onnx", made_graph, graph_made.frames(1))


@pytest.fixture(scope="session")
def peaks():
    """Of no machine: round numbers."""
    return Peaks(
        threads=1,
        float32_per_s=100e9,
        int8_per_s=400e9,
        memory_bytes_per_s=10e9,
        cache_bytes_per_s=50e9,
        cache_bytes=1_000_000,
        best_probes=("a", "b"),
    )
