"""Blobs that break trees.bin in one place or a few, and the walk of those that are accepted all the same."""

import struct

import numpy as np

from leukoscope.bundle.tree_blob import TreeBlob
from leukoscope.bundle.tree_build import lay_out
from leukoscope.bundle.tree_layout import read_header, sections
from leukoscope.errors import InputError

FEATURES = 6
EXTREMES = [0, 1, 2, 7, 64, 0x7F800000, 0x7FC00000, 0xFF800000, 2**24, 2**30, 2**31, 2**31 - 1, 2**32 - 1]  # fmt: skip
WIDEST_EXPLAINED, WIDEST_WALKED = 1000, 1 << 20


def sound_blobs(grow) -> list[bytes]:
    """Both layouts, categories, one leaf, a deep chain, logistic and softmax, fewer and more than eight trees."""
    random = np.random.default_rng(5)
    kinds = [
        ("perfect", 3, 7, "softprob", 3, 0.0), ("perfect", 6, 19, "softmax", 2, 0.0), ("perfect", 0, 3, "logistic", 1, 0.0),
        ("perfect", 1, 40, "logistic", 1, 0.0), ("nodes", 3, 7, "softprob", 3, 0.0), ("nodes", 3, 20, "softprob", 3, 0.6),
        ("nodes", 9, 2, "logistic", 1, 0.3), ("nodes", 0, 9, "softmax", 3, 0.0),
    ]  # fmt: skip
    return [
        lay_out(
            [grow(random, depth, output=i % outputs, categorical=share, stop=0.3) for i in range(trees)],
            objective=objective, features=FEATURES, outputs=outputs, base_score=random.normal(size=outputs), layout=layout,
        )
        for layout, depth, trees, objective, outputs, share in kinds
    ]  # fmt: skip


def mutated(data: bytes, random) -> bytes:
    """One to four of: a word, a bit, a swap of words, another length, an index that is nearly right."""
    out = bytearray(data)
    for _ in range(int(random.integers(1, 5))):
        # Half of the changes hit the header or what lies close behind it.
        span = len(out) if random.random() < 0.5 else min(len(out), 256)
        at = int(random.integers(0, max(1, span - 4))) & ~3
        kind = random.integers(0, 13)
        if kind < 4:
            struct.pack_into("<I", out, at, int(random.choice(EXTREMES)))
        elif kind < 7:
            out[at] ^= 1 << int(random.integers(0, 8))
        elif kind < 9:
            other = int(random.integers(0, len(out) - 4)) & ~3
            out[at : at + 4], out[other : other + 4] = out[other : other + 4], out[at : at + 4]
        elif kind < 10:
            out = out[: int(random.integers(130, len(out)))] + bytes(int(random.integers(0, 200)))
        else:
            _nudge(out, data, random)
    return bytes(out)


def _nudge(out: bytearray, data: bytes, random) -> None:
    """Moves a feature, a child, a root, an output or a bit set's index by a little: what gets past a lax check."""
    places = sections(read_header(data, ""))[0]
    place = places[str(random.choice(["splits", "splits", "roots", "output_of_tree"]))]
    if not place.count or place.end > len(out):
        return
    at = place.offset + 4 * int(random.integers(0, (place.end - place.offset) // 4))
    (word,) = struct.unpack_from("<I", out, at)
    struct.pack_into("<I", out, at, (word + int(random.integers(-9, 10))) % 2**32)


def walked(data: bytes, random) -> bool:
    """Reads the blob as the runtime does and, if it is accepted, takes every walk; False where it is refused."""
    try:
        blob = TreeBlob.read(data)
    except InputError as error:
        assert "\n" not in str(error)
        return False
    if blob.features > WIDEST_WALKED:
        return True
    # Of exactly the size that the walk may read, so that AddressSanitizer sees one step too far.
    x = random.normal(scale=30, size=(3, blob.features)).astype(np.float32)
    x[random.random(x.shape) < 0.2] = np.nan
    x[random.random(x.shape) < 0.1] = np.inf
    found = blob.probabilities(x)
    assert np.isfinite(found).all() and found.shape == (3, blob.classes)
    assert np.isfinite(blob.margins(x[:1].copy())).all()
    if blob.features < WIDEST_EXPLAINED:
        assert np.isfinite(blob.contributions(x)).all()
    return True
