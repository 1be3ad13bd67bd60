"""Studies without a machine."""

from leukoscope.runtime.profiler.layers.layer_study import LayerStudy
from leukoscope.runtime.profiler.layers.peaks import Peaks
from leukoscope.runtime.profiler.layers.roofline import COMPUTE, Floor, LayerTime, Work, by_module

PEAKS = Peaks(2, 500e9, 1.8e12, 40e9, 190e9, 32 << 20, ("a", "b"))


def made_study(peaks=PEAKS, network="xincept_all"):
    """Three layers of two modules, one that nobody knows, and one that takes no time worth a dot."""
    layers = (
        layer("trunk.<a>", "trunk", 4.0, 10**9, False, 2.0),
        layer("trunk.b", "trunk", 1.0, 10**8, True, 0.1),
        layer("head", "head", 0.5, 10**6, False, 0.4),
        LayerTime("ReorderOutput", "ReorderOutput", None, None, (), 0.3, None, None),
        layer("tail", "tail", 0.0001, 10, False, 0.0001),
    )
    return LayerStudy(
        network, "int8", "onnxruntime-cpu", 299, 9, layers, by_module(layers), peaks, 6.0, 2.5
    )


def empty_study():
    return LayerStudy(
        "xincept_all", "fp16", "tensorrt", 299, 0, (), (), Peaks(0), None, None, ("none",)
    )


def layer(path, module, ms, operations, int8, floor_ms):
    work = Work(operations, 1000, 10**6, int8)
    return LayerTime(path, "Conv", module, path, (path,), ms, work, Floor(floor_ms, COMPUTE))
