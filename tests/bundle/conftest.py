"""Small sound things to break: random trees, a graph encoded by hand, a whole bundle."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from leukoscope.bundle.golden import golden_bytes
from leukoscope.bundle.manifest import GoldenEntry, Manifest, NetworkEntry, TreesEntry, Variant
from leukoscope.bundle.read import Bundle
from leukoscope.bundle.tree_build import Tree, lay_out
from leukoscope.bundle.write import write_bundle

sys.path.insert(0, str(Path(__file__).parent))

FEATURES, CLASSES = 6, ("a", "b", "c")


def grow(random, depth, *, output=0, features=FEATURES, categorical=0.0, stop=0.2) -> Tree:
    """A random tree; leaves where a coin of `stop` says so, or at `depth`."""
    left, level, count = [], [0], 1
    order = []
    for step in range(depth + 1):
        below = []
        for _ in level:
            # The leftmost node always splits, so that the depth is exact.
            split = step < depth and (len(below) == 0 or random.random() > stop)
            order.append(split)
            left.append(count if split else 0)
            if split:
                below += [count, count + 1]
                count += 2
        level = below
    split = np.array(left) > 0
    value = random.normal(size=len(left)).astype(np.float32)
    kinds = {
        int(i): tuple(sorted({int(c) for c in random.integers(0, 70, 8)}))
        for i in np.flatnonzero(split)
        if random.random() < categorical
    }
    mean = value.copy()
    for node in np.flatnonzero(split)[::-1]:
        mean[node] = mean[left[node] : left[node] + 2].mean()
    return Tree(
        output,
        np.array(left, np.int64),
        np.where(split, random.integers(0, features, len(left)), 0),
        random.random(len(left)) < 0.5,
        value,
        mean,
        kinds,
    )


def walk(tree: Tree, row) -> list[int]:
    """The plain way through one tree, node by node: what the blob's walk is compared with."""
    node, way = 0, [0]
    while tree.left[node]:
        value = row[tree.feature[node]]
        if np.isnan(value):
            left = bool(tree.default_left[node])
        elif node in tree.categories:
            left = value < 0 or value >= 2**24 or int(value) not in tree.categories[node]
        else:
            left = bool(value < tree.value[node])
        node = int(tree.left[node]) + (0 if left else 1)
        way.append(node)
    return way


def rows_for(random, count, features=FEATURES):
    """Rows with numbers, categories, NaN and infinities."""
    x = random.normal(size=(count, features)).astype(np.float32)
    whole = random.random(x.shape) < 0.3
    x[whole] = random.integers(-2, 80, int(whole.sum()))
    x[random.random(x.shape) < 0.15] = np.nan
    x[random.random(x.shape) < 0.03] = np.inf
    x[random.random(x.shape) < 0.03] = -np.inf
    return x


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def pb(*fields: tuple[int, int | bytes | str]) -> bytes:
    """A protobuf message of varints (int) and lengths (bytes, str)."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value & (1 << 64) - 1)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def port(name: str, dtype: int, *sides: int | str) -> bytes:
    dims = [(1, pb((1, s) if isinstance(s, int) else (2, s))) for s in sides]
    return pb((1, name), (2, pb((1, pb((1, dtype), (2, pb(*dims)))))))


FRAMES = port("frames", 2, "B", 8, 8, 3)
PROBABILITIES, CAMS = port("probabilities", 1, "B", 3), port("cams", 1, "B", 3, 2, 2)


def tensor(*extra, dims=(2, 2), raw=bytes(16), dtype=1) -> bytes:
    return pb(*((1, d) for d in dims), (2, dtype), (8, "w"), (9, raw), *extra)


def node(operator="Cast", *extra) -> bytes:
    return pb((1, "frames"), (2, "cams"), (4, operator), *extra)


def graph(*extra, inputs=(FRAMES,), outputs=(PROBABILITIES, CAMS)) -> bytes:
    ports = [*((11, p) for p in inputs), *((12, p) for p in outputs)]
    return pb((1, node()), (5, tensor()), *extra, *ports)


def model(*extra, ir=10, opsets=((("", 18)),), graphs=None) -> bytes:
    imports = [(8, pb((1, domain), (2, version))) for domain, version in opsets]
    return pb(
        (1, ir), *((7, g) for g in ([graph()] if graphs is None else graphs)), *imports, *extra
    )


def trees_bytes(layout="perfect", categorical=0.0, seed=0) -> bytes:
    random = np.random.default_rng(seed)
    trees = [grow(random, 3, output=i % 3, categorical=categorical) for i in range(7)]
    return lay_out(
        trees,
        objective="softprob",
        features=FEATURES,
        outputs=3,
        base_score=[0.1, 0.2, 0.3],
        layout=layout,
    )


def manifest() -> Manifest:
    entry = NetworkEntry(
        CLASSES, {"input_px": 8}, "nano", {"width": 0.125}, True, 5, "fuse", (2, 2), 1.5,
        {"fp32": Variant("net.fp32.onnx", None, {"frames": 4})}, {"training_images": []},
    )  # fmt: skip
    return Manifest(
        "leukoscope 0.1.0",
        {"net": entry},
        TreesEntry("trees.bin", "net", FEATURES, CLASSES, 7, "perfect", 1.0),
        GoldenEntry("golden.npz", 2),
    )


def files() -> dict[str, bytes]:
    arrays = {
        "net/frames": np.zeros((2, 8, 8, 3), np.uint8),
        "net/fp32/cams": np.ones((2, 3, 2, 2), np.float32),
    }
    return {
        "net.fp32.onnx": model(),
        "trees.bin": trees_bytes(),
        "golden.npz": golden_bytes(arrays),
    }


@pytest.fixture
def sound_manifest() -> Manifest:
    return manifest()


@pytest.fixture
def sound_files() -> Mapping[str, bytes]:
    return files()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A whole sound bundle on disk."""
    return write_bundle(tmp_path / "bundle", manifest(), files())


class Encode:
    """The encoders above, for tests that cannot import a conftest."""

    pb = staticmethod(pb)
    varint = staticmethod(varint)
    port = staticmethod(port)
    tensor = staticmethod(tensor)
    node = staticmethod(node)
    graph = staticmethod(graph)
    model = staticmethod(model)


@pytest.fixture(scope="session")
def encode() -> type[Encode]:
    return Encode


class Forest:
    """Random trees and the plain walk."""

    grow = staticmethod(grow)
    walk = staticmethod(walk)
    rows = staticmethod(rows_for)
    blob = staticmethod(trees_bytes)


@pytest.fixture(scope="session")
def forest() -> type[Forest]:
    return Forest


Blob = Callable[..., bytes]
