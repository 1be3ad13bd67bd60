"""The least time that the network can take on this machine, by its operations, its bytes and the measured peaks."""

from dataclasses import asdict, dataclass
from typing import Any

from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.profiler.layers.peaks import measure_peaks
from leukoscope.runtime.profiler.layers.study import study_layers
from leukoscope.runtime.settings import Settings
from vote_ways.case import NETWORK, Case

PRECISIONS = ("fp32", "int8")


@dataclass(frozen=True)
class Floor:
    """`floor_ms`: each layer at the measured peak of arithmetic or of memory, whichever takes longer (docs/roofline.md)."""

    precision: str
    floor_ms: float
    network_ms: float
    """What ONNX Runtime took for the graph while its layers were timed."""
    peaks: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def words(self, name: str, ms: float) -> str:
        """One line for under the table."""
        times = ms / self.floor_ms
        return f"{name}: {times:.2f} times the floor of {self.precision}, {self.floor_ms:.1f} ms."


def floors(case: Case) -> dict[str, Floor]:
    """By precision; empty where the layers or the peaks could not be measured."""
    settings = Settings(backend=CPU, threads=case.threads, allow_untrained=True)
    peaks = measure_peaks(case.threads)
    found: dict[str, Floor] = {}
    for precision in PRECISIONS:
        study = study_layers(case.bundle, NETWORK, precision, settings, case.frames, peaks=peaks)
        if study.floor_ms is not None and study.ms is not None:
            found[precision] = Floor(precision, study.floor_ms, study.ms, peaks.to_json())
    return found
