"""The first run of a new engine: on the bundle's golden frames, on its device."""

from leukoscope.bundle.read import Bundle
from leukoscope.runtime.backends.tensorrt import TensorRtBackend
from leukoscope.runtime.backends.tensorrt_proof import (
    EngineMismatchError,
    load_golden,
    prove_engine,
)
from leukoscope.runtime.engines import cache
from leukoscope.runtime.engines.library import load_tensorrt


def try_engine(bundle: Bundle, engine: cache.EngineFile) -> cache.EngineFile:
    """Runs the golden frames and writes down what came of it: proved, or its faults.

    Raises GateError where the bundle has no golden outputs of the variant, MachineError where the device does not
    load or run the engine.
    """
    key = engine.key
    golden = load_golden(bundle, key.network, key.precision)
    try:
        with TensorRtBackend(
            load_tensorrt(key.backend),
            cache.read_plan(engine),
            bundle.variant(key.network, key.precision).file,
            key.precision,
            key.profile[2],
            lambda infer, batch: prove_engine(key.network, golden, infer, batch),
        ):
            return cache.mark(engine)
    except EngineMismatchError as error:
        return cache.mark(engine, [str(fault) for fault in error.faults])
