"""What a profile holds, and its JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from leukoscope.runtime.profiler.cold_start import ColdStart, Memory
from leukoscope.runtime.profiler.field_stages import FieldProfile
from leukoscope.runtime.profiler.frame_age import StreamProfile
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.timed_calls import Samples
from leukoscope.runtime.profiler.trust import Doubt
from leukoscope.runtime.profiler.variant import VariantProfile
from leukoscope.runtime.report.contents import Machine

SCHEMA = 1
DIGITS = 6
"""Significant digits of the JSON's numbers."""


@dataclass(frozen=True, eq=False)
class RunProfile:
    """A whole run as the settings choose it: parts are None where they were not measured, by Ctrl-C or a failure."""

    backend: str
    """As it was asked for; `auto` picks for each network."""
    networks: Mapping[str, str]
    """Network -> `fp32 on onnxruntime-cpu`."""
    fields: FieldProfile | None
    stream: StreamProfile | None
    cold_start: ColdStart | None
    memory: Memory | None


@dataclass(frozen=True)
class NotMeasured:
    """What was to be measured and was not."""

    what: str
    why: str


@dataclass(frozen=True, eq=False)
class Profile:
    """All of it."""

    bundle: str
    manifest_sha256: str
    untrained: tuple[str, ...]
    """Networks with random weights."""
    created: str
    """Local time, ISO 8601, with its offset."""
    leukoscope: str
    machine: Machine
    power_mode: str | None
    """Of nvpmodel; None where there is none."""
    inputs: str
    fields: int
    """Different ones that went round."""
    seconds: float
    """For each variant."""
    rate_hz: float
    variants: tuple[VariantProfile, ...]
    runs: tuple[RunProfile, ...]
    layers: Mapping[tuple[str, str, str], LayerStudy]
    """By network, precision and backend."""
    not_measured: tuple[NotMeasured, ...]
    interrupted: bool

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why figures here cannot be trusted, a line for each that cannot; empty where all can."""
        whose: list[tuple[str, Sequence[Doubt]]] = [
            (f"{one.network} {one.precision} on {one.backend}", one.doubts) for one in self.variants
        ]
        for run in self.runs:
            if run.fields is not None:
                whose.append((f"fields by stage on {run.backend}", run.fields.doubts))
            if run.stream is not None:
                whose.append((f"stream on {run.backend}", run.stream.doubts))
        lines = [
            f"{who}: {'; '.join(one.words for one in doubts)}" for who, doubts in whose if doubts
        ]
        return (*lines, *(["Ctrl-C ended it early"] if self.interrupted else []))

    @property
    def trusted(self) -> bool:
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """The value of `profile --json`, schema 1: docs/profile.md."""
        head = {
            "schema": SCHEMA,
            "notice": "research use only",
            "trusted": self.trusted,
            "reasons": list(self.reasons),
        }
        own = {
            one.name: plain(getattr(self, one.name))
            for one in fields(self)
            if one.name not in ("variants", "layers")
        }
        return {**head, **own, "variants": [self._variant(one) for one in self.variants]}

    def _variant(self, one: VariantProfile) -> dict[str, Any]:
        study = self.layers.get((one.network, one.precision, one.backend))
        layers = None if study is None else plain(study.to_json())
        values: dict[str, Any] = plain(one)
        return {"trusted": one.trusted, **values, "layers": layers}


def plain(value: Any) -> Any:
    """Plain JSON values: null where a number is undefined, never NaN."""
    if isinstance(value, Samples):
        return {"at_s": plain(value.at_s), "taken_ms": plain(value.taken_ms)}
    if is_dataclass(value):
        named = {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        return _with_trust(value, named)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def _with_trust(value: Any, named: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, FieldProfile):
        return {"trusted": value.trusted, **named}
    if isinstance(value, StreamProfile):
        return {"trusted": value.trusted, "dropped_share": plain(value.dropped_share), **named}
    return named
