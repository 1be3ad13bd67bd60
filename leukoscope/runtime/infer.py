"""The stage that runs the networks on the field."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leukoscope.images.tiles import TilePlan, join_tiles
from leukoscope.runtime.engine import FIELD_NETWORK, Engine
from leukoscope.runtime.field import Inferred, Reading, Scaled, Squares, TileReading
from leukoscope.runtime.lazily import Lazily

TILES_AT_ONCE = 8


@dataclass(frozen=True)
class Infer:
    """Engines by network.

    With `beside`, threads for it, XIncept-ALL runs on one of them while SG-CLDFF, its cells and their crops are at work
    on the caller's: what either does between two calls costs the field no time.
    """

    engines: Mapping[str, Engine]
    beside: ThreadPoolExecutor | None = None

    def __call__(self, scaled: Scaled) -> Inferred:
        """One reading for each network, waited for when it is first looked at."""
        makers = {
            name: self._maker(engine, name, scaled.squares) for name, engine in self.engines.items()
        }
        return Inferred(scaled.frame, Lazily(makers))

    def _maker(
        self, engine: Engine, name: str, squares: Mapping[str, Squares]
    ) -> Callable[[], Reading]:
        def read() -> Reading:
            return _read(engine, squares[name])

        if self.beside is None or name != FIELD_NETWORK or len(self.engines) == 1:
            return read
        return self.beside.submit(read).result


def _read(engine: Engine, squares: Squares) -> Reading:
    pixels, plan = squares.pixels, squares.plan
    if len(pixels) == 1:
        arrays = {name: array[0] for name, array in engine.infer(pixels).items()}
        return Reading(engine.classes, arrays, plan.placement)
    parts = [
        engine.infer(pixels[start : start + TILES_AT_ONCE])
        for start in range(0, len(pixels), TILES_AT_ONCE)
    ]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    arrays = {
        name: join_tiles(array, plan) if array.ndim == 4 else array.mean(axis=0)
        for name, array in rows.items()
    }
    return Reading(engine.classes, arrays, plan.placement, _tiles(rows, plan))


def _tiles(rows: Mapping[str, NDArray[np.float32]], plan: TilePlan) -> tuple[TileReading, ...]:
    features = rows.get("features")
    return tuple(
        TileReading(corner, row, None if features is None else features[number])
        for number, (corner, row) in enumerate(
            zip(plan.corners_px, rows["probabilities"], strict=True)
        )
    )
