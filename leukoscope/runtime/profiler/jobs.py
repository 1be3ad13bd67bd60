"""Which variants are measured on which backends, and as what the whole run is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from leukoscope.bundle.read import Bundle
from leukoscope.errors import InputError
from leukoscope.runtime.engine import OUTPUTS
from leukoscope.runtime.profiler.request import ALL_BACKENDS, Request
from leukoscope.runtime.settings import Settings
from leukoscope.runtime.survey_backends import lacking_by_backend


@dataclass(frozen=True)
class Job:
    """One variant of one network on one backend."""

    network: str
    settings: Settings

    @property
    def words(self) -> str:
        """`xincept_all fp32 on auto`."""
        return f"{self.network} {self.settings.precision} on {self.settings.backend}"


def jobs_of(bundle: Bundle, request: Request) -> list[Job]:
    """Network by network, precision by precision.

    InputError for a network that is not there or that the runtime does not know, and for a precision that none of
    the networks has.
    """
    jobs = [
        Job(network, replace(request.settings, precision=precision, backend=backend))
        for network in networks_of(bundle, request)
        for precision in bundle.network(network).variants
        if precision in request.precisions or not request.precisions
        for backend in backends_of(request)
    ]
    _check_precisions(bundle, request)
    return jobs


def networks_of(bundle: Bundle, request: Request) -> list[str]:
    """Those that are asked for, else all that the bundle has, in the runtime's order."""
    for name in request.networks:
        bundle.network(name)
        if name not in OUTPUTS:
            raise InputError(f"{name} is no network of the runtime", wanted=", ".join(OUTPUTS))
    wanted = request.networks or tuple(OUTPUTS)
    there = [name for name in OUTPUTS if name in wanted and name in bundle.manifest.networks]
    if not there:
        raise InputError(f"{bundle.root} has none of {', '.join(OUTPUTS)}")
    return there


def run_settings(request: Request) -> list[Settings]:
    """The whole run: on each backend by each named precision, else as `run` picks them itself."""
    return [
        replace(request.settings, precision=precision, backend=backend)
        for backend in backends_of(request)
        for precision in request.precisions or (None,)
    ]


def backends_of(request: Request) -> list[str]:
    """`all` is every backend that lacks nothing here."""
    return list(dict.fromkeys(_named(request)))


def _named(request: Request) -> Iterator[str]:
    for name in request.backends:
        if name == ALL_BACKENDS:
            yield from (one for one, lacks in lacking_by_backend().items() if not lacks)
        else:
            yield name


def _check_precisions(bundle: Bundle, request: Request) -> None:
    names = networks_of(bundle, request)
    for precision in request.precisions:
        if not any(precision in bundle.network(name).variants for name in names):
            bundle.variant(names[0], precision)
