# ruff: noqa: T201
"""What Grad-CAM inside the graph costs: the graph with maps against the same graph without, on ONNX Runtime's CPU.

    python benchmarks/gradcam_cost.py [--network xincept_all] [--size full] [--pairs 50] [--threads 2]

Random weights, FP32, batch 1. Each pair runs both graphs, in turns of order, and gives one ratio of times; the
median ratio is printed with its spread. Close other programs first: the load average is printed too.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from leukoscope.export.graph import onnx_graph
from leukoscope.models.network import Network
from leukoscope.models.sizes import build_network

WARM_UP_RUNS = 5


def main() -> None:
    """Measures and prints."""
    wanted = _arguments()
    torch.manual_seed(1)
    network = build_network(wanted.network, wanted.size).eval()
    frames = _frames(network)
    with_maps = _runner(network, True, wanted.threads, frames)
    without = _runner(network, False, wanted.threads, frames)
    pairs = [_pair(with_maps, without, first=bool(turn % 2)) for turn in range(wanted.pairs)]
    _report(wanted, pairs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="xincept_all")
    parser.add_argument("--size", default="full")
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _frames(network: Network) -> NDArray[np.uint8]:
    shape = (1, network.input_px, network.input_px, 3)
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def _runner(
    network: Network, maps: bool, threads: int, frames: NDArray[np.uint8]
) -> Callable[[], float]:
    """A function that runs the graph once, all outputs fetched, and returns the milliseconds."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    graph = onnx_graph(network, maps=maps).SerializeToString()
    session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run_ms() -> float:
        start = time.perf_counter_ns()
        session.run(None, {"frames": frames})
        return (time.perf_counter_ns() - start) / 1e6

    for _ in range(WARM_UP_RUNS):
        run_ms()
    return run_ms


def _pair(
    with_maps: Callable[[], float], without: Callable[[], float], *, first: bool
) -> tuple[float, float]:
    """Milliseconds (with, without); `first` says whether the graph with maps runs first."""
    if first:
        return with_maps(), without()
    without_ms = without()
    return with_maps(), without_ms


def _report(wanted: argparse.Namespace, pairs: list[tuple[float, float]]) -> None:
    ratios = [mine / plain for mine, plain in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    print(f"{wanted.network} {wanted.size}, FP32, batch 1, {wanted.threads} threads")
    print(f"load average of the last minute: {os.getloadavg()[0]:.2f}")
    print(f"with maps     median {statistics.median(mine for mine, _ in pairs):8.1f} ms")
    print(f"without maps  median {statistics.median(plain for _, plain in pairs):8.1f} ms")
    print(
        f"ratio, median of {len(ratios)} interleaved pairs: {statistics.median(ratios):.3f}"
        f"  (quartiles {low:.3f} to {high:.3f}, range {min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
