"""trees.bin, version 1: the header and where its sections lie. docs/bundle-format.md is the specification.

Everything follows from the header's counts; `sections` computes it in Python integers, so nothing overflows.
"""

import struct
from dataclasses import astuple, dataclass

import numpy as np

from leukoscope.errors import InputError

MAGIC = b"LEUKTREE"
VERSION = 1
HEADER = struct.Struct("<8s10If76s")
ALIGNMENT_BYTES = 64

LAYOUTS = {1: "perfect", 2: "nodes"}
OBJECTIVES = {1: "logistic", 2: "softprob", 3: "softmax"}

PERFECT_SPLIT = np.dtype([("threshold", "<f4"), ("feature", "<u4")])
NODE = np.dtype([("value", "<f4"), ("feature", "<u4"), ("child", "<u4")])
DEFAULT_LEFT = 1 << 31
CATEGORICAL = 1 << 30
FEATURE_MASK = (1 << 24) - 1
CATEGORY_LIMIT = float(1 << 24)

FEATURES_LIMIT = 1 << 24
OUTPUTS_LIMIT = 1000
TREES_LIMIT = 1 << 20
NODES_LIMIT = 1 << 28
SET_WORDS_LIMIT = 2048
PERFECT_DEPTH_LIMIT = 10
NODES_DEPTH_LIMIT = 1024
VALUE_LIMIT = 1e12
TEMPERATURE_BOUNDS = (1e-3, 1e3)
"""With VALUE_LIMIT these keep every margin and its quotient far inside float32: no blob can make a NaN."""


@dataclass(frozen=True)
class Header:
    """The counts of a blob, in the order of the file."""

    layout: int
    objective: int
    features: int
    outputs: int
    trees: int
    depth: int
    nodes: int
    sets: int
    set_words: int
    temperature: float

    @property
    def classes(self) -> int:
        """The width of the probabilities: 2 for logistic, else one an output."""
        return 2 if self.objective == 1 else self.outputs

    def pack(self) -> bytes:
        return HEADER.pack(MAGIC, VERSION, *astuple(self), bytes(76))


@dataclass(frozen=True)
class Section:
    """Where a run of equal items lies: byte offset, count, NumPy dtype."""

    offset: int
    count: int
    dtype: np.dtype

    @property
    def end(self) -> int:
        return self.offset + self.count * self.dtype.itemsize


def sections(header: Header) -> tuple[dict[str, Section], int]:
    """The sections by name, in the order of the file, and the length of the whole file in bytes."""
    perfect = header.layout == 1
    parts = [
        ("base_score", header.outputs, np.dtype("<f4")),
        ("output_of_tree", header.trees, np.dtype("<u4")),
        ("roots", 0 if perfect else header.trees, np.dtype("<u4")),
        ("splits", header.nodes, PERFECT_SPLIT if perfect else NODE),
        ("leaves", header.trees << header.depth if perfect else 0, np.dtype("<f4")),
        ("means", header.nodes, np.dtype("<f4")),
        ("sets", header.sets * header.set_words, np.dtype("<u4")),
    ]
    found, offset = {}, HEADER.size
    for name, count, dtype in parts:
        found[name] = Section(offset, count, dtype)
        offset = _aligned(found[name].end)
    return found, offset


def read_header(data: bytes | memoryview, name: str) -> Header:
    """The header of a blob, every field within its bounds; InputError names the field that is not."""
    if len(data) < HEADER.size:
        raise InputError(f"{name} has {len(data)} bytes", wanted=f"at least {HEADER.size}")
    magic, version, *fields, reserved = HEADER.unpack(data[: HEADER.size])
    if magic != MAGIC or version != VERSION:
        raise InputError(f"{name} is no trees.bin of version {VERSION}")
    if reserved != bytes(76):
        raise InputError(f"{name}: the reserved part of the header is not zero")
    header = Header(*fields)
    for field, low, high in _bounds(header):
        value = getattr(header, field)
        if not low <= value <= high:
            raise InputError(f"{name}: {field} is {value}", wanted=f"{low} to {high}")
    return header


def _bounds(header: Header) -> list[tuple[str, float, float]]:
    """Field, least and greatest value. The bounds of later fields may lean on fields that come before."""
    perfect, logistic = header.layout == 1, header.objective == 1
    # A depth out of bounds is refused before the bounds of `nodes` are looked at; 1 << 2**32 is not to be tried.
    splits = header.trees * ((1 << min(header.depth, PERFECT_DEPTH_LIMIT)) - 1)
    nodes = (splits, splits) if perfect else (header.trees, NODES_LIMIT)
    return [
        ("layout", 1, 2),
        ("objective", 1, 3),
        ("features", 1, FEATURES_LIMIT),
        ("outputs", 1 if logistic else 2, 1 if logistic else OUTPUTS_LIMIT),
        ("trees", 1, TREES_LIMIT),
        ("depth", 0, PERFECT_DEPTH_LIMIT if perfect else NODES_DEPTH_LIMIT),
        ("nodes", *nodes),
        ("sets", 0, 0 if perfect else header.nodes),
        ("set_words", 1 if header.sets else 0, SET_WORDS_LIMIT if header.sets else 0),
        ("temperature", *TEMPERATURE_BOUNDS),
    ]


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
