"""Perfect trees against node arrays, where the rule of `choose_layout` comes from: `python benchmarks/tree_layouts.py`.

Random trees, grown to a depth and thinned: for each the bytes and the time of one row in both layouts, by the C kernel,
in one run and in turns (of each the lower decile of 60 calls). A ratio above 1 is for the perfect layout.
"""

import argparse
import sys
import time

import numpy as np

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import Tree, choose_layout, lay_out

FEATURES, ROWS, TURNS, CALLS = 2048, 64, 5, 60
DEPTHS = (3, 6, 7, 8, 9, 10)
SPLIT_SHARES = (1.0, 0.9, 0.8, 0.6)
"""How many of the nodes above the full depth split; a trained tree of depth 6 has about 0.9."""


def grow(random: np.random.Generator, depth: int, share: float) -> Tree:
    """A random tree, level by level; its leftmost way is as deep as `depth`."""
    left, level_size, count = [], 1, 1
    for level in range(depth + 1):
        split = (random.random(level_size) < share) & (level < depth)
        split[0] = level < depth
        left.append(np.where(split, count + 2 * (np.cumsum(split) - 1), 0))
        level_size = 2 * int(split.sum())
        count += level_size
        if not level_size:
            break
    links = np.concatenate(left)
    value = random.normal(size=len(links)).astype(np.float32)
    feature = np.where(links > 0, random.integers(0, FEATURES, len(links)), 0)
    return Tree(0, links, feature, random.random(len(links)) < 0.5, value, value, {})


def compare(depth: int, share: float, trees: int) -> str:
    """One line of the table."""
    random = np.random.default_rng(depth)
    forest = [grow(random, depth, share) for _ in range(trees)]
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    blobs = [_blob(forest, layout) for layout in ("perfect", "nodes")]
    times = np.array([[_row_us(blob, x) for blob in blobs] for _ in range(TURNS)])
    leaves = float(np.mean([(tree.left == 0).sum() for tree in forest]))
    perfect, nodes = (len(blob.data) for blob in blobs)
    ratios = times[:, 1] / times[:, 0]
    return (
        f"| {depth} | {share:g} | {leaves / 2**depth:.2f} | {perfect / nodes:.2f} "
        f"| {np.median(times[:, 0]):.1f} | {np.median(times[:, 1]):.1f} "
        f"| {np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f}) | {choose_layout(forest)} |"
    )


def _blob(forest: list[Tree], layout: str) -> TreeBlob:
    data = lay_out(forest, objective="logistic", features=FEATURES, outputs=1, base_score=[0], layout=layout)  # fmt: skip
    return TreeBlob.read(data)


def _row_us(blob: TreeBlob, x: np.ndarray) -> float:
    times = []
    for index in range(CALLS):
        row = x[index % ROWS : index % ROWS + 1]
        start = time.perf_counter_ns()
        blob.margins(row)
        times.append((time.perf_counter_ns() - start) / 1000)
    return float(np.percentile(times, 10))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=400)
    chosen = parser.parse_args()
    sys.stdout.write(
        "| depth | nodes that split | leaves / 2^depth | bytes, perfect / nodes | perfect, µs | nodes, µs | nodes / perfect | rule |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    for deep in DEPTHS:
        for part in SPLIT_SHARES:
            sys.stdout.write(compare(deep, part, chosen.trees) + "\n")
            sys.stdout.flush()
