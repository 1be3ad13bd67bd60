"""What a kept engine gives for the bundle's golden frames on its device, at every load and right after its build."""

from dataclasses import replace

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.backends.tensorrt_proof import (
    EngineMismatchError,
    load_golden,
    prove_engine,
)
from leukoscope.runtime.engines import cache
from leukoscope.runtime.engines.library import Library, load_tensorrt


def open_kept(bundle: Bundle, library: Library, engine: cache.EngineFile) -> TensorRtBackend:
    """Opens the engine, runs the golden frames, and writes down what came of it.

    Raises EngineMismatchError where an output is outside of its tolerance, GateError where the bundle has no golden
    outputs of the variant, MachineError where the device does not load or run the engine.
    """
    key = engine.key
    golden = load_golden(bundle, key.network, key.precision)
    try:
        backend = TensorRtBackend(
            library,
            cache.read_plan(engine),
            bundle.variant(key.network, key.precision).file,
            key.precision,
            key.profile[2],
            lambda infer, batch: prove_engine(key.network, golden, infer, batch),
        )
    except EngineMismatchError as error:
        cache.mark(engine, [str(fault) for fault in error.faults])
        raise
    if not engine.proved:
        cache.mark(engine)
    return backend


def try_engine(bundle: Bundle, engine: cache.EngineFile) -> cache.EngineFile:
    """The first run of a new engine: it comes back proved, or with its faults. Raises as `open_kept` otherwise."""
    try:
        with open_kept(bundle, load_tensorrt(engine.key.backend), engine):
            return replace(engine, proved=True, faults=())
    except EngineMismatchError as error:
        return replace(engine, proved=False, faults=tuple(map(str, error.faults)))
