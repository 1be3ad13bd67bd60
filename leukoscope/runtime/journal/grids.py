"""A network's maps as bytes: whole numbers of steps, each class with its own step, compressed."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.contract import Placement
from leukoscope.runtime.engine import CELL_NETWORK, FIELD_NETWORK
from leukoscope.runtime.field import Result

HIGHEST = 32767
"""A class's greatest size is that many steps: what is read differs from what was written by half a step at most,
1.6e-5 of the class's greatest size; zero stays zero (our choice)."""
LEVEL = 1
"""zlib's fastest: maps are small, and a higher level saves a tenth."""
MAX_VALUES = 1 << 24
"""More than any network's maps; a damaged row must not ask for all memory."""


@dataclass(frozen=True, eq=False)
class StoredMaps:
    """The maps of all classes of one field."""

    network: str
    method: str
    """`gradcam`: non-negative, or `trees`: signed."""
    classes: tuple[str, ...]
    maps: NDArray[np.float32]
    """[K, h, w] by `classes`, at feature resolution."""
    even_shares: NDArray[np.float32] | None
    """[K], with trees: see `TreeMaps.even_shares`."""
    placement: Placement
    """Where the field lies in the network's square, which the maps cover."""


Row = tuple[str, str, str, int, int, bytes, bytes, bytes | None, str]
"""The columns of `maps` behind the field."""


def maps_row(result: Result) -> Row | None:
    """The row of XIncept-ALL's maps, without it SG-CLDFF's; None where there are none or they are not finite."""
    reading = result.readings.get(FIELD_NETWORK) or result.readings.get(CELL_NETWORK)
    if reading is None or "cams" not in reading.arrays:
        return None
    trees = None if result.evidence is None else result.evidence.trees
    maps = reading.arrays["cams"] if trees is None else trees.maps
    packed = pack(maps)
    if packed is None:
        return None
    return (
        FIELD_NETWORK if FIELD_NETWORK in result.readings else CELL_NETWORK,
        "gradcam" if trees is None else "trees",
        json.dumps(reading.classes),
        maps.shape[1],
        maps.shape[2],
        *packed,
        None if trees is None else trees.even_shares.astype("<f4").tobytes(),
        json.dumps(vars(reading.placement)),
    )


def pack(maps: NDArray[np.float32]) -> tuple[bytes, bytes] | None:
    """Maps [K, h, w] -> (steps float32 [K], compressed int16 [K, h, w]), little-endian; None where not finite."""
    greatest = np.abs(maps).max(axis=(1, 2))
    if not np.isfinite(greatest).all():
        return None
    # A step under the smallest normal float32 would not divide; such a map is zero to everybody.
    steps = np.maximum(greatest / HIGHEST, np.finfo(np.float32).tiny).astype("<f4")
    levels = np.rint(maps / steps[:, None, None]).clip(-HIGHEST, HIGHEST).astype("<i2")
    return steps.tobytes(), zlib.compress(levels.tobytes(), LEVEL)


def unpack(steps: bytes, grid: bytes, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """The maps [K, h, w] again. Raises ValueError or zlib.error where the bytes are not of this shape."""
    values = int(np.prod(shape, dtype=object))
    if min(shape) < 1 or values > MAX_VALUES:
        raise ValueError(f"maps of shape {shape}")
    stream = zlib.decompressobj()
    data = stream.decompress(grid, 2 * values + 1)
    if not stream.eof:
        raise ValueError("maps that are cut short, or too long")
    levels = np.frombuffer(data, "<i2").reshape(shape)
    per_class = np.frombuffer(steps, "<f4").reshape(-1, 1, 1)
    if len(per_class) != shape[0] or not np.isfinite(per_class).all():
        raise ValueError(f"{len(per_class)} steps for maps of shape {shape}")
    maps: NDArray[np.float32] = levels.astype(np.float32) * per_class
    return maps


def read_maps(row: tuple[Any, ...]) -> StoredMaps:
    """`maps_row` the other way. Raises what `faults.BROKEN_ROW` names where the row is not one of ours."""
    network, method, classes, rows, columns, steps, grid, even_shares, placement = row
    names = tuple(str(name) for name in json.loads(classes))
    where = json.loads(placement)
    return StoredMaps(
        network,
        method,
        names,
        unpack(steps, grid, (len(names), rows, columns)),
        None if even_shares is None else np.frombuffer(even_shares, "<f4"),
        Placement(
            _pair(where["field_px"]),
            _pair(where["inner_px"]),
            _pair(where["offset_px"]),
            int(where["input_px"]),
            None if where["plane_px"] is None else _pair(where["plane_px"]),
        ),
    )


def _pair(values: Sequence[object]) -> tuple[int, int]:
    x, y = values
    if not isinstance(x, int) or not isinstance(y, int):
        raise TypeError(f"{values!r} are no pixels")
    return x, y
