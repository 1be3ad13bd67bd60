"""trees.bin, read and walked: against the plain walk, and against thousands of broken files."""

import struct
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tree_mutations import mutated, sound_blobs, walked

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.bundle.tree_layout import HEADER, read_header, sections
from leukoscope.errors import InputError


def build(
    forest, layout, *, depth=4, outputs=3, categorical=0.0, count=11, seed=0, temperature=1.0
):
    random = np.random.default_rng(seed)
    trees = [
        forest.grow(random, depth, output=i % outputs, categorical=categorical)
        for i in range(count)
    ]
    base = random.normal(size=outputs)
    objective = "logistic" if outputs == 1 else "softprob"
    data = lay_out(
        trees, objective=objective, features=6, outputs=outputs, base_score=base,
        temperature=temperature, layout=layout,
    )  # fmt: skip
    return trees, base.astype(np.float32), TreeBlob.read(data)


@pytest.mark.parametrize("layout,categorical", [("perfect", 0), ("nodes", 0), ("nodes", 0.5)])
@pytest.mark.parametrize("depth", [0, 1, 3, 7])
def test_margins_are_the_plain_walk_added_in_order(forest, layout, categorical, depth, tree_walk):
    trees, base, blob = build(forest, layout, depth=depth, categorical=categorical)
    x = forest.rows(np.random.default_rng(1), 60)
    for row, margins in zip(x, blob.margins(x), strict=True):
        expected = base.copy()
        for tree in trees:
            expected[tree.output] += tree.value[forest.walk(tree, row)[-1]]
        assert (margins == expected).all()


@pytest.mark.parametrize("layout,categorical", [("perfect", 0), ("nodes", 0.5)])
def test_contributions_follow_the_means_along_the_way(forest, layout, categorical, tree_walk):
    trees, base, blob = build(forest, layout, categorical=categorical)
    x = forest.rows(np.random.default_rng(2), 40)
    expected = np.zeros((40, 3, 7))
    expected[:, :, -1] = base
    for tree in trees:
        for row, out in zip(x, expected[:, tree.output], strict=True):
            way = forest.walk(tree, row)
            out[-1] += tree.mean[0]
            for a, b in pairwise(way):
                out[tree.feature[a]] += float(tree.mean[b]) - float(tree.mean[a])
    found = blob.contributions(x)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found.sum(-1), blob.margins(x), atol=1e-5)


def test_large_batches_are_walked_in_pieces(forest, monkeypatch):
    _, _, blob = build(forest, "perfect")
    x = forest.rows(np.random.default_rng(3), 50)
    monkeypatch.setattr("leukoscope.bundle.tree_blob.find_kernel", lambda: None)
    whole, parts = blob.margins(x), blob.contributions(x)
    monkeypatch.setattr("leukoscope.bundle.tree_blob.CHUNK_ITEMS", 30)
    assert (blob.margins(x) == whole).all() and (blob.contributions(x) == parts).all()


def test_no_rows_give_no_margins(forest, tree_walk):
    _, _, blob = build(forest, "nodes")
    assert blob.margins(np.empty((0, 6), np.float32)).shape == (0, 3)
    assert blob.probabilities(np.empty((0, 6), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_probabilities_under_the_temperature(forest, temperature, tree_walk):
    x = forest.rows(np.random.default_rng(4), 30)
    _, _, blob = build(forest, "perfect", temperature=temperature)
    power = np.exp(blob.margins(x).astype(np.float64) / temperature)
    np.testing.assert_allclose(
        blob.probabilities(x), power / power.sum(1, keepdims=True), rtol=1e-6
    )
    _, _, blob = build(forest, "perfect", outputs=1, temperature=temperature)
    two = blob.probabilities(x)
    assert blob.classes == two.shape[1] == 2
    np.testing.assert_allclose(
        two[:, 1], 1 / (1 + np.exp(-blob.margins(x)[:, 0] / temperature)), rtol=1e-6
    )
    np.testing.assert_allclose(two.sum(1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "x",
    [np.zeros((2, 5), "f4"), np.zeros(6, "f4"), np.zeros((2, 6), "f8"), np.zeros((1, 2, 6), "f4")],
)
def test_rows_of_another_form_are_refused(forest, x, tree_walk):
    _, _, blob = build(forest, "perfect")
    with pytest.raises(InputError, match="float32 \\[n, 6\\]"):
        blob.margins(x)
    with pytest.raises(InputError):
        blob.contributions(x)
    with pytest.raises(InputError, match="margins of"):
        blob.from_margins(x[..., :2])


def test_a_category_at_the_edge_of_its_set(forest, tree_walk):
    tree = forest.grow(np.random.default_rng(0), 1, stop=0, categorical=1)
    tree.categories[0] = (31,)
    data = lay_out([tree], objective="logistic", features=6, outputs=1, base_score=[0])
    x = np.zeros((6, 6), np.float32)
    x[:, tree.feature[0]] = [31, 31.9, 30, 32, 63, 2**24]
    right = TreeBlob.read(data).margins(x)[:, 0] == tree.value[2]
    assert right.tolist() == [True, True, False, False, False, False]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("base,expected", [(-1e6, 2.9955368e-39), (1e6, 1.0)])
def test_the_logistic_function_does_not_overflow(forest, base, expected, tree_walk):
    tree = forest.grow(np.random.default_rng(0), 0)
    data = lay_out([tree], objective="logistic", features=6, outputs=1, base_score=[base])
    found = TreeBlob.read(data).probabilities(np.zeros((1, 6), np.float32))
    assert found[0, 1] == pytest.approx(expected, rel=1e-5)


# What must be refused. Offsets of the header's fields are those of docs/bundle-format.md.

HEADER_FAULTS = [
    (0, b"LEUKTREF"), (8, 0), (8, 2), (12, 0), (12, 3), (16, 0), (16, 4), (20, 0), (20, 2**24 + 1), (20, 1),
    (24, 0), (24, 1), (24, 1001), (24, 2), (28, 0), (28, 6), (28, 8), (28, 2**32 - 1), (32, 2), (32, 4), (32, 11), (32, 2**32 - 1),
    (36, 0), (36, 48), (36, 50), (36, 2**32 - 1), (40, 1), (44, 1), (52, 1), (124, 1),
]  # fmt: skip


@pytest.mark.parametrize("offset,value", HEADER_FAULTS)
def test_a_header_out_of_bounds_is_refused(forest, offset, value):
    data = bytearray(forest.blob("perfect"))
    data[offset : offset + 8 if isinstance(value, bytes) else offset + 4] = (
        value if isinstance(value, bytes) else struct.pack("<I", value)
    )
    with pytest.raises(InputError) as error:
        TreeBlob.read(bytes(data), "hostile.bin")
    assert "hostile.bin" in str(error.value) and "\n" not in str(error.value)


NODE_HEADER_FAULTS = [
    (32, 1025),
    (32, 2),
    (32, 4),
    (36, 6),
    (36, 2**28 + 1),
    (40, 2**31),
    (44, 0),
    (44, 2049),
    (40, 0),
]


@pytest.mark.parametrize("offset,value", NODE_HEADER_FAULTS)
def test_a_node_header_out_of_bounds_is_refused(forest, offset, value):
    data = bytearray(forest.blob("nodes", 0.5))
    struct.pack_into("<I", data, offset, value)
    with pytest.raises(InputError):
        TreeBlob.read(bytes(data))


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), 1e-30, 1e4])
def test_a_temperature_out_of_bounds_is_refused(forest, value):
    data = bytearray(forest.blob())
    struct.pack_into("<f", data, 48, value)
    with pytest.raises(InputError, match="temperature"):
        TreeBlob.read(bytes(data))


@pytest.mark.parametrize("layout,categorical", [("perfect", 0), ("nodes", 0.5)])
def test_every_truncation_is_refused(forest, layout, categorical):
    data = forest.blob(layout, categorical)
    for length in [*range(HEADER.size + 65), *range(HEADER.size + 65, len(data), 7), len(data) - 1]:
        with pytest.raises(InputError):
            TreeBlob.read(data[:length])
    with pytest.raises(InputError):
        TreeBlob.read(data + b"\0")


def test_huge_counts_are_refused_before_memory_is_taken(forest):
    data = bytearray(forest.blob("nodes"))
    struct.pack_into("<I", data, 28, 2**20)
    struct.pack_into("<I", data, 36, 2**28)
    with pytest.raises(InputError, match="as its header implies"):
        TreeBlob.read(bytes(data))


def put(data: bytes, part: str, index: int, field: str | None, value) -> bytes:
    """The blob with one item of one section changed."""
    place = sections(read_header(data, ""))[0][part]
    out = bytearray(data)
    array = np.frombuffer(out, place.dtype, place.count, place.offset)
    if field is None:
        array[index] = value
    else:
        array[field][index] = value
    return bytes(out)


PERFECT_FAULTS = [
    ("base_score", 0, None, np.nan, "base_score"), ("base_score", 2, None, 1e13, "base_score"),
    ("output_of_tree", 1, None, 3, "output"), ("leaves", 5, None, np.inf, "leaves"), ("leaves", 5, None, -1e13, "leaves"),
    ("means", 3, None, np.nan, "means"), ("splits", 0, "threshold", np.nan, "threshold"), ("splits", 9, "threshold", -np.inf, "threshold"),
    ("splits", 0, "feature", 6, "feature"), ("splits", 0, "feature", 1 << 30, "feature"), ("splits", 0, "feature", 1 << 24, "feature"),
]  # fmt: skip
NODE_FAULTS = [
    ("roots", 0, None, 1, "roots"), ("roots", 1, None, 0, "roots"), ("roots", 6, None, 10**6, "roots"),
    ("splits", 0, "child", 2, "exactly one"), ("splits", 1, "child", 1, "behind"), ("splits", 0, "child", 2**32 - 1, "outside"),
    ("splits", 0, "child", 0, "leaf names"), ("splits", 0, "feature", 7, "feature"), ("splits", -1, "feature", 1, "leaf names"),
    ("splits", -1, "value", np.nan, "leaf"), ("splits", -1, "child", 3, "behind"),
]  # fmt: skip


@pytest.mark.parametrize("part,index,field,value,fault", PERFECT_FAULTS)
def test_a_value_out_of_bounds_is_refused(forest, part, index, field, value, fault):
    with pytest.raises(InputError, match=fault):
        TreeBlob.read(put(forest.blob("perfect"), part, index, field, value))


@pytest.mark.parametrize("part,index,field,value,fault", NODE_FAULTS)
def test_a_node_out_of_bounds_is_refused(forest, part, index, field, value, fault):
    with pytest.raises(InputError, match=fault):
        TreeBlob.read(put(forest.blob("nodes"), part, index, field, value))


def test_a_bit_set_out_of_bounds_is_refused(forest):
    data = forest.blob("nodes", 1.0)
    sets = read_header(data, "").sets
    with pytest.raises(InputError, match="bit set"):
        TreeBlob.read(put(data, "splits", 0, "value", np.array(sets, "u4").view("f4")))


def test_a_pair_of_children_that_ends_outside_the_file_is_refused(forest):
    data = forest.blob("nodes")
    header = read_header(data, "")
    root = int(TreeBlob.read(data).arrays["roots"][-1])
    with pytest.raises(InputError, match="outside its tree"):
        TreeBlob.read(put(data, "splits", root, "child", header.nodes - 1))


def test_padding_that_is_not_zero_is_refused(forest):
    data = bytearray(forest.blob("perfect"))
    data[HEADER.size + 3 * 4] = 1
    with pytest.raises(InputError, match="padding"):
        TreeBlob.read(bytes(data))


def test_a_chain_as_long_as_the_limit_ends(forest, tree_walk):
    from leukoscope.bundle.tree_build import Tree

    count = 1024
    left = np.zeros(2 * count + 1, np.int64)
    left[np.r_[0, np.arange(2, 2 * count, 2)]] = np.arange(1, 2 * count, 2)
    zeros = np.zeros(len(left), np.float32)
    tree = Tree(0, left, np.zeros(len(left), np.int64), zeros > 1, zeros, zeros, {})
    data = lay_out([tree], objective="logistic", features=1, outputs=1, base_score=[0])
    assert TreeBlob.read(data).margins(np.ones((1, 1), np.float32)) == 0


def test_what_was_checked_cannot_be_changed_afterwards(forest, tree_walk):
    data = bytearray(forest.blob("perfect"))
    blob, x = TreeBlob.read(data), forest.rows(np.random.default_rng(6), 9)
    before = blob.margins(x)
    data[:] = b"\xff" * len(data)
    assert (blob.margins(x) == before).all()


def test_hundreds_of_mutations_are_refused_or_walked_within_bounds(forest, tree_walk):
    """A sample of what `make soak` does a hundred thousand times under AddressSanitizer."""
    bases = sound_blobs(forest.grow)
    random = np.random.default_rng(20)
    accepted = sum(
        walked(mutated(bases[index % len(bases)], random), random) for index in range(600)
    )
    assert 50 < accepted < 500
