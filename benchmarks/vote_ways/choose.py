"""The ways by name, in the order of the table."""

from collections.abc import Callable, Collection
from functools import partial

from timing.command import note

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.backends.onnxruntime import CPU
from leukoscope.runtime.backends.openvino import OPENVINO
from vote_ways import onnx_by_hand, recipro_cam, torch_compiled, torch_eager
from vote_ways.answer import AnswerWay
from vote_ways.case import Case
from vote_ways.ours import open_ours

BASELINE = "torch + pytorch-grad-cam + XGBoost, two passes"
FLOAT, INT8 = "leukoscope, ONNX Runtime fp32", "leukoscope, ONNX Runtime int8"
OPENVINO_FLOAT, OPENVINO_INT8 = "leukoscope, OpenVINO fp32", "leukoscope, OpenVINO int8"
OURS = (FLOAT, INT8, OPENVINO_FLOAT, OPENVINO_INT8)
COMPILED = "torch.compile, autograd from the map on"

WAYS: dict[str, Callable[[Case], AnswerWay]] = {
    FLOAT: partial(open_ours, precision="fp32", backend=CPU),
    INT8: partial(open_ours, precision="int8", backend=CPU),
    OPENVINO_FLOAT: partial(open_ours, precision="fp32", backend=OPENVINO),
    OPENVINO_INT8: partial(open_ours, precision="int8", backend=OPENVINO),
    BASELINE: torch_eager.open_two_passes,
    "the same, one forward pass": torch_eager.open_one_pass,
    "the same, backward as far as the map": partial(torch_eager.open_one_pass, frozen=True),
    COMPILED: torch_compiled.open_compiled,
    "ONNX Runtime + pytorch-grad-cam": onnx_by_hand.open_with_grad_cam,
    "ONNX Runtime, autograd from the map on": onnx_by_hand.open_with_tail,
    "OpenVINO + OpenVINO XAI, f32": partial(recipro_cam.open_recipro_cam, hint="f32"),
    "OpenVINO + OpenVINO XAI, bf16": partial(recipro_cam.open_recipro_cam, hint="bf16"),
}
INTEGER = (INT8, OPENVINO_INT8)
"""Their votes and maps may differ from the float ones, the more as the weights are random."""


def open_ways(case: Case, without: Collection[str]) -> tuple[dict[str, AnswerWay], dict[str, str]]:
    """The ways that this machine has, and in words why it has not the others."""
    ways: dict[str, AnswerWay] = {}
    absent = dict.fromkeys(without, "left out")
    for name, opened in WAYS.items():
        if name in absent:
            continue
        note(f"opening: {name}")
        try:
            ways[name] = opened(case)
            ways[name](case.frames[0])
        except (ImportError, LeukoscopeError, RuntimeError) as error:
            ways.pop(name, None)
            absent[name] = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return ways, absent
