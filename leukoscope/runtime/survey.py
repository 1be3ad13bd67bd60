"""What this machine can do, found without loading anything heavy: the facts behind `leukoscope doctor`."""

import os
import platform
from collections.abc import Callable, Iterator

from leukoscope.runtime.cpu import instruction_set
from leukoscope.runtime.finding import Finding, Package
from leukoscope.runtime.survey_backends import look_at_backends
from leukoscope.runtime.survey_edge import look_at_edge
from leukoscope.runtime.survey_gpu import MODEL, look_at_gpu

__all__ = ["Finding", "survey"]

WORKSTATION = "pip install 'leukoscope[workstation]'"
_PACKAGES = (
    Package("torch", "torch", "workstation", "train, export", WORKSTATION),
    Package("onnx", "onnx", "workstation", "export, calibrate", "pip install 'leukoscope[calibration]'"),
    Package("xgboost", "xgboost", "workstation", "train trees", WORKSTATION),
    Package("treelite", "treelite", "workstation", "export", WORKSTATION),
    Package(
        "onnxruntime-ep-openvino",
        "onnxruntime_ep_openvino",
        "engines",
        "OpenVINO as a provider of ONNX Runtime",
        "pip install 'leukoscope[openvino]'",
    ),
)  # fmt: skip


def survey() -> list[Finding]:
    """Every finding, in the order in which `doctor` prints them."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _machine,
        look_at_edge,
        look_at_gpu,
        _packages,
        look_at_backends,
    )
    return [finding for look in looks for finding in look()]


def _machine() -> Iterator[Finding]:
    board = (
        MODEL.read_text(errors="replace").strip("\0\n ") if MODEL.exists() else platform.machine()
    )
    yield Finding("machine", "computer", True, f"{board}, {os.cpu_count()} cores, {_memory()}")
    yield Finding("machine", "processor", True, f"instruction set {instruction_set()}")
    yield Finding("machine", "python", True, f"{platform.python_version()} on {platform.system()}")


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.1f} GiB of memory"


def _packages() -> Iterator[Finding]:
    for package in _PACKAGES:
        yield package.look()
