"""A bundle profiled: every variant, then the whole run, one after the other."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import numpy as np

from leukoscope import __version__
from leukoscope.bundle.read import Bundle
from leukoscope.errors import LeukoscopeError, MachineError
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.engine import Engine, open_engines
from leukoscope.runtime.profiler.contents import NotMeasured, Profile, RunProfile
from leukoscope.runtime.profiler.inputs import Inputs, open_inputs
from leukoscope.runtime.profiler.jobs import Job, jobs_of, networks_of, run_settings
from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.study import study_layers
from leukoscope.runtime.profiler.many_calls import Squares
from leukoscope.runtime.profiler.request import Request
from leukoscope.runtime.profiler.variant import VariantProfile, profile_variant
from leukoscope.runtime.profiler.whole_run import WholeRun
from leukoscope.runtime.report.machine import this_machine
from leukoscope.runtime.settings import Settings

LAYER_FRAMES = 8
"""Squares that go round while layers are timed."""

Stopped = Callable[[], bool]


def profile_bundle(
    bundle: Bundle,
    request: Request,
    *,
    stopped: Stopped = lambda: False,
    progress: Progress = Silent(),  # noqa: B008
) -> Profile:
    """Measures what `request` names; what could not be measured is listed in `not_measured`.

    Raises the first error where nothing at all could be measured, and InputError for a network, a precision or data
    that are not there. When `stopped` says so it ends soon: what was measured is returned.
    """
    jobs, runs = jobs_of(bundle, request), run_settings(request)
    measuring = _Measuring(bundle, request, open_inputs(request.data, progress), stopped, progress)
    steps: list[Job | Settings] = [*jobs, *runs]
    for step in progress.track(steps, "profile"):
        if stopped():
            break
        if isinstance(step, Job):
            measuring.measure_variant(step)
        else:
            measuring.measure_run(step)
    if not measuring.variants and measuring.errors:
        raise measuring.errors[0]
    return measuring.profile()


class _Measuring:
    """What is asked for and what was found so far."""

    def __init__(
        self,
        bundle: Bundle,
        request: Request,
        inputs: Inputs,
        stopped: Stopped,
        progress: Progress,
    ) -> None:
        self._bundle, self._request, self._inputs = bundle, request, inputs
        self._stopped, self._progress = stopped, progress
        self.variants: list[VariantProfile] = []
        self.runs: list[RunProfile] = []
        self.layers: dict[tuple[str, str, str], LayerStudy] = {}
        self.not_measured: list[NotMeasured] = []
        self.errors: list[LeukoscopeError] = []
        self._peaks: Peaks | None = None
        """Of this machine's processor: measured with the first study."""

    def measure_variant(self, job: Job) -> None:
        """One network in one precision on one backend, and its layers."""
        try:
            with ExitStack() as owner:
                engine = self._open(job, owner)
                name = (engine.network, engine.backend.precision, engine.backend.name)
                if name in self._measured_names():
                    return  # `auto` took what was named too
                squares = self._inputs.squares(engine.contract)
                self.variants.append(self._measured(job, engine, squares))
        except LeukoscopeError as error:
            self._leave_out(job.words, error)
            return
        if self._request.layers and not self._stopped():
            self._study(job, name, squares)

    def measure_run(self, settings: Settings) -> None:
        """The whole run: fields by stage, the stream, a fresh process."""
        run = WholeRun(
            self._bundle,
            self._request,
            settings,
            networks_of(self._bundle, self._request),
            self._inputs,
            self._stopped,
            self._progress.status,
            self._leave_out,
        ).measured()
        if run is not None:
            self.runs.append(run)

    def profile(self) -> Profile:
        """All of it."""
        backends = tuple(dict.fromkeys(one.backend for one in self.variants))
        networks = self._bundle.manifest.networks
        modes = [reading.mode for one in self.variants for reading in one.readings if reading.mode]
        return Profile(
            bundle=self._bundle.root.resolve().name,
            manifest_sha256=self._bundle.manifest_sha256,
            untrained=tuple(name for name, entry in networks.items() if not entry.trained),
            created=datetime.now().astimezone().isoformat(timespec="seconds"),
            leukoscope=__version__,
            machine=this_machine(backends, self._request.settings.threads),
            power_mode=modes[0] if modes else None,
            inputs=self._inputs.source,
            fields=len(self._inputs.fields),
            seconds=self._request.seconds,
            rate_hz=self._request.rate_hz,
            variants=tuple(self.variants),
            runs=tuple(self.runs),
            layers=self.layers,
            not_measured=tuple(self.not_measured),
            interrupted=self._stopped(),
        )

    def _open(self, job: Job, owner: ExitStack) -> Engine:
        self._progress.status(f"{job.words}: opening")
        engine = open_engines(self._bundle, job.settings, [job.network])[job.network]
        for note in engine.notes:
            self._progress.note(note)
        owner.callback(getattr(engine.backend, "close", lambda: None))
        return engine

    def _measured_names(self) -> set[tuple[str, str, str]]:
        return {(one.network, one.precision, one.backend) for one in self.variants}

    def _measured(self, job: Job, engine: Engine, squares: Squares) -> VariantProfile:
        request = self._request
        return profile_variant(
            engine,
            squares,
            request.seconds,
            request.batches,
            self._stopped,
            lambda text: self._progress.status(f"{job.words}: {text}"),
        )

    def _study(self, job: Job, name: tuple[str, str, str], squares: Squares) -> None:
        self._progress.status(f"{job.words}: layers")
        network, precision, backend = name
        frames = np.stack(squares[:LAYER_FRAMES])
        settings = replace(job.settings, backend=backend)  # what `auto` took just now
        try:
            study = study_layers(
                self._bundle, network, precision, settings, frames, peaks=self._peaks
            )
        except LeukoscopeError as error:
            self._leave_out(f"layers of {job.words}", error)
            return
        if study.ms is None or study.backend != backend:
            why = "; ".join(study.notes) or f"{backend} does not tell its layers"
            self._leave_out(f"layers of {job.words}", MachineError(why))
            return
        self.layers[name] = study
        if backend == CPU:
            self._peaks = study.peaks

    def _leave_out(self, what: str, error: LeukoscopeError) -> None:
        self.errors.append(error)
        self.not_measured.append(NotMeasured(what, str(error)))
