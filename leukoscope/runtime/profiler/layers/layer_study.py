"""What came of a study of layers."""

from dataclasses import dataclass
from typing import Any

from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import LayerTime, ModuleTime

SCHEMA = 1


@dataclass(frozen=True)
class LayerStudy:
    """What came of it; with `ms` None nothing could be timed, and `notes` say why."""

    network: str
    precision: str
    backend: str
    input_px: int
    calls: int
    layers: tuple[LayerTime, ...]
    modules: tuple[ModuleTime, ...]
    peaks: Peaks
    ms: float | None
    """Of a call with the profile on, the lower decile of the calls; of each layer too."""
    floor_ms: float | None
    notes: tuple[str, ...] = ()

    @property
    def unmapped_share(self) -> float | None:
        """Of the layers' time, what belongs to no module that is known; None where nothing was timed."""
        lost = sum(one.ms for one in self.layers if one.module is None)
        return lost / self.layers_ms if self.layers_ms else None

    @property
    def layers_ms(self) -> float:
        """Of all layers, one after the other."""
        return sum(one.ms for one in self.layers)

    @property
    def between_ms(self) -> float | None:
        """Of a call, outside of any layer."""
        return None if self.ms is None else max(0.0, self.ms - self.layers_ms)

    @property
    def distance(self) -> float | None:
        """How many times its floor the call takes."""
        return self.ms / self.floor_ms if self.ms is not None and self.floor_ms else None

    def to_json(self) -> dict[str, Any]:
        """Plain values, null where undefined; docs/roofline.md says what they are."""
        return {
            "schema": SCHEMA,
            "network": self.network,
            "precision": self.precision,
            "backend": self.backend,
            "input_px": self.input_px,
            "calls": self.calls,
            "ms": self.ms,
            "floor_ms": self.floor_ms,
            "distance": self.distance,
            "between_ms": self.between_ms,
            "unmapped_share": self.unmapped_share,
            "peaks": self.peaks.to_json(),
            "modules": [one.to_json() for one in self.modules],
            "layers": [one.to_json() for one in self.layers],
            "notes": list(self.notes),
        }
