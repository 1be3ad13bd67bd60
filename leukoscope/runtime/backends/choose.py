"""Which engine runs a network: the best that is built for this device and gives the golden outputs."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace

from leukoscope.bundle.read import Bundle
from leukoscope.errors import LeukoscopeError, MachineError
from leukoscope.images.hashes import sha256_of_bytes
from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.backends.tensorrt_proof import EngineMismatchError
from leukoscope.runtime.backends.tensorrt_thread import device_in_use
from leukoscope.runtime.engines import cache
from leukoscope.runtime.engines.choice import PREFERRED, choose_precision
from leukoscope.runtime.engines.difference import difference
from leukoscope.runtime.engines.key import Key, device_key
from leukoscope.runtime.engines.library import TENSORRT, TENSORRT_RTX, Library, load_tensorrt
from leukoscope.runtime.engines.request import BuildRequest
from leukoscope.runtime.engines.trial import open_kept
from leukoscope.runtime.precision import gate_outcome, reference_precision
from leukoscope.runtime.settings import Settings

NATIVE = (TENSORRT, TENSORRT_RTX)
"""Of our own backends, the best first (our choice)."""


@dataclass(frozen=True)
class Native:
    """What came of the search: `backend` is None where another one takes over; `notes` say why, a line each."""

    backend: TensorRtBackend | None
    notes: tuple[str, ...] = ()


class NoEngineError(MachineError):
    """No engine is kept that fits; `next_step` is the command that builds one."""


def open_native(bundle: Bundle, network: str, settings: Settings) -> Native:
    """The engine of `network` on the first of NATIVE that works, or on the one that `settings.backend` names.

    Engines are not built here: `leukoscope build` does. One that does not give the golden outputs is not used. Raises
    MachineError where a native backend is asked for by name and it, the device or the engine is missing; GateError
    for a variant that failed its gate, unless it is allowed.
    """
    if settings.backend in NATIVE:
        return _open_named(bundle, network, settings)
    if settings.backend != "auto" or not _has_driver():
        return Native(None)
    failed: list[str] = []
    unbuilt: list[str] = []
    for name in NATIVE:
        try:
            library = load_tensorrt(name)
        except MachineError:
            continue  # what is not installed is no news
        try:
            return Native(_open_engine(bundle, network, library, settings), tuple(failed))
        except NoEngineError as error:
            unbuilt.append(str(error))
        except LeukoscopeError as error:
            failed.append(f"{network}: {error}")
    # What was never built matters only where nothing was, and then the best builder's line is enough.
    return Native(None, tuple(dict.fromkeys(failed)) or tuple(unbuilt[:1]))


def _open_named(bundle: Bundle, network: str, settings: Settings) -> Native:
    try:
        library = load_tensorrt(settings.backend)
        return Native(_open_engine(bundle, network, library, settings))
    except EngineMismatchError as error:
        return Native(None, (f"{network}: {error}",))


def _has_driver() -> bool:
    """Whether NVIDIA's driver is there at all: without it there is no need to load TensorRT's large libraries."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def _open_engine(
    bundle: Bundle, network: str, library: Library, settings: Settings
) -> TensorRtBackend:
    with device_in_use() as thread:
        facts = thread.call(lambda device: device.facts)
        for precision in _candidates(bundle, network, settings):
            key = _key(bundle, network, precision, library, facts)
            for wanted in (key, key.built_ahead()):
                for engine in cache.serving(wanted, 1)[:1]:
                    return open_kept(bundle, library, engine)
    raise _none_kept(bundle, network, library, facts, settings)


def _candidates(bundle: Bundle, network: str, settings: Settings) -> Iterator[str]:
    """The precision that is asked for, else what may run, the quickest first."""
    variants = bundle.network(network).variants
    yield _preferred(bundle, network, settings)
    if settings.precision is None:
        good = {"passed", "undecided"} if settings.accept_undecided else {"passed"}
        for name in PREFERRED:
            if name in variants and gate_outcome(variants[name]) in good:
                yield name
        yield reference_precision(variants)


def _preferred(bundle: Bundle, network: str, settings: Settings) -> str:
    return choose_precision(
        network,
        bundle.network(network).variants,
        settings.precision,
        allow_failed=settings.allow_failed,
        accept_undecided=settings.accept_undecided,
    )


def _key(bundle: Bundle, network: str, precision: str, library: Library, facts: DeviceFacts) -> Key:
    sha256 = sha256_of_bytes(bundle.graph(network, precision))
    request = BuildRequest(backend=library.name)
    return device_key(network, precision, sha256, library, request, facts)


def _none_kept(
    bundle: Bundle, network: str, library: Library, facts: DeviceFacts, settings: Settings
) -> NoEngineError:
    precision = _preferred(bundle, network, settings)
    key = _key(bundle, network, precision, library, facts)
    # Any batch sizes would do: they are no reason.
    kept = [replace(one.key, profile=key.profile) for one in cache.kept_engines()]
    changed = difference(key, kept)
    why = f", as {changed}" if changed else ""
    return NoEngineError(
        f"there is no {library.title} engine of {precision} of {network} for {facts.name}{why}",
        next_step=f"run: leukoscope build {bundle.root} --backend {library.name} --precision {precision}",
    )
