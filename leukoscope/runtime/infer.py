"""The stage that runs the networks on the field."""

from collections.abc import Mapping
from dataclasses import dataclass

from leukoscope.runtime.engine import Engine
from leukoscope.runtime.field import Inferred, Reading, Scaled, Square


@dataclass(frozen=True)
class Infer:
    """Engines by network."""

    engines: Mapping[str, Engine]

    def __call__(self, scaled: Scaled) -> Inferred:
        """One reading for each network."""
        readings = {
            name: _read(engine, scaled.squares[name]) for name, engine in self.engines.items()
        }
        return Inferred(scaled.frame, readings)


def _read(engine: Engine, square: Square) -> Reading:
    arrays = engine.infer(square.pixels[None])
    return Reading(engine.classes, {name: a[0] for name, a in arrays.items()}, square.placement)
