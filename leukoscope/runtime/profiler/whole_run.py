"""The whole run as `run` would do it: fields by stage, the stream at a camera's rate, and a fresh process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from leukoscope.bundle.read import Bundle
from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.pipeline import Pipeline, open_pipeline, share_pipeline
from leukoscope.runtime.profiler.cold_start import ColdStart, Memory, profile_cold_start
from leukoscope.runtime.profiler.contents import RunProfile
from leukoscope.runtime.profiler.field_stages import profile_fields
from leukoscope.runtime.profiler.frame_age import StreamProfile, profile_stream
from leukoscope.runtime.profiler.inputs import Inputs
from leukoscope.runtime.profiler.request import Request
from leukoscope.runtime.profiler.stopwatch import ON_PROCESSOR
from leukoscope.runtime.settings import Settings

NO_DEVICE = "no device: networks run in the host's memory"
UNKNOWN_DEVICE = "not measured: no monitor on this machine tells the device's memory"
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class WholeRun:
    """What it is measured with; `leave_out` is told of what could not be measured."""

    bundle: Bundle
    request: Request
    settings: Settings
    networks: Sequence[str]
    inputs: Inputs
    stopped: Callable[[], bool]
    status: Callable[[str], None]
    leave_out: Callable[[str, LeukoscopeError], None]

    def measured(self) -> RunProfile | None:
        """All parts, one after the other; None where the networks do not open."""
        pipeline = self._part("run", self._open)
        if pipeline is None:
            return None
        try:
            return self._of(pipeline)
        finally:
            for engine in pipeline.engines.values():
                getattr(engine.backend, "close", lambda: None)()

    def _of(self, pipeline: Pipeline) -> RunProfile:
        seconds = self.request.field_seconds
        fields = self._part(
            "fields by stage",
            lambda: profile_fields(self.bundle, pipeline, self.inputs, seconds, self.stopped),
        )
        stream = self._part("stream", lambda: self._stream(pipeline))
        fresh = self._part("cold start", self._fresh_process)
        cold_start, memory = (None, None) if fresh is None else fresh
        return RunProfile(
            backend=self.settings.backend,
            networks={
                name: f"{engine.backend.precision} on {engine.backend.name}"
                for name, engine in pipeline.engines.items()
            },
            fields=fields,
            stream=stream,
            cold_start=cold_start,
            memory=None if memory is None else with_device(memory, pipeline, stream),
        )

    def _open(self) -> Pipeline:
        return open_pipeline(self.bundle, self.settings, self.networks)

    def _stream(self, pipeline: Pipeline) -> StreamProfile:
        shared = share_pipeline(pipeline)
        rate_hz, seconds = self.request.rate_hz, self.request.field_seconds
        return profile_stream(self.bundle, shared, self.inputs, rate_hz, seconds, self.stopped)

    def _fresh_process(self) -> tuple[ColdStart, Memory]:
        starts = self.request.cold_starts
        return profile_cold_start(
            self.bundle, self.settings, self.networks, self.inputs, starts, self.stopped
        )

    def _part(self, what: str, measure: Callable[[], T]) -> T | None:
        """What `measure` gives; None where it fails, or where the user has had enough."""
        words = f"{what} on {self.settings.backend}"
        if self.stopped():
            return None
        self.status(words)
        try:
            return measure()
        except LeukoscopeError as error:
            self.leave_out(words, error)
            return None


def with_device(memory: Memory, pipeline: Pipeline, stream: StreamProfile | None) -> Memory:
    """With the most that the device's monitor has shown while the stream ran, of all programs."""
    if all(engine.backend.name in ON_PROCESSOR for engine in pipeline.engines.values()):
        return replace(memory, why_no_device=NO_DEVICE)
    readings = () if stream is None else stream.readings
    known = [one.device_used_bytes for one in readings if one.device_used_bytes is not None]
    if not known:
        return replace(memory, why_no_device=UNKNOWN_DEVICE)
    return replace(memory, device_peak_bytes=max(known))
