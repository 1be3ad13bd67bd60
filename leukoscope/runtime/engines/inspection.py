"""The layers of an engine that loads on this machine's device, as TensorRT's inspector tells them."""

from leukoscope.runtime.engines.layers import EngineLayer, read_inspection
from leukoscope.runtime.engines.library import Library
from leukoscope.runtime.engines.logger import process_logger


def inspect_plan(library: Library, plan: bytes) -> tuple[EngineLayer, ...]:
    """The plan's layers; () where the device does not load it, which the first run will say properly."""
    trt = library.module
    runtime = trt.Runtime(process_logger(library))
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        return ()
    inspector = engine.create_engine_inspector()
    return read_inspection(inspector.get_engine_information(trt.LayerInformationFormat.JSON))
