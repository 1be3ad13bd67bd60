"""The least time that the network can take on this machine, by its operations, its bytes and the measured peaks."""

from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.runtime.settings import Settings
from vote_ways.case import NETWORK, Case
from vote_ways.choose import FLOAT, INT8


@dataclass(frozen=True)
class Floor:
    """`floor_ms`: each layer at the measured peak of arithmetic or of memory, whichever takes longer (docs/roofline.md)."""

    precision: str
    floor_ms: float
    network_ms: float
    """What ONNX Runtime took for the graph while its layers were timed."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def words(self, name: str, ms: float) -> str:
        """One line for under the table."""
        return f"{name}: the floor of {self.precision} is {self.floor_ms:.1f} ms; {ms / self.floor_ms:.2f} times that."


def floors(case: Case) -> dict[str, Floor]:
    """By way; empty where the layers or the peaks could not be measured."""
    from leukoscope.runtime.profiler.layers.study import study_layers

    settings = Settings(backend="onnxruntime-cpu", threads=case.threads, allow_untrained=True)
    found: dict[str, Floor] = {}
    for name, precision in ((FLOAT, "fp32"), (INT8, "int8")):
        study = study_layers(case.bundle, NETWORK, precision, settings, case.frames)
        if study.floor_ms is not None and study.ms is not None:
            found[name] = Floor(precision, study.floor_ms, study.ms)
    return found
