"""ONNX Runtime's providers that come as packages of their own: OpenVINO's and TensorRT-RTX's."""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from leukoscope.errors import MachineError

OPENVINO_PLUGIN, RTX_PLUGIN = "onnxruntime-openvino", "onnxruntime-tensorrt-rtx"
FLOOR = "ONNX Runtime 1.23"


@dataclass(frozen=True)
class Plugin:
    """A provider's package: it names its library and its provider."""

    module: str
    install: str
    devices: str


PLUGINS = {
    OPENVINO_PLUGIN: Plugin(
        "onnxruntime_ep_openvino",
        "pip install onnxruntime-ep-openvino",
        "an Intel processor or GPU",
    ),
    RTX_PLUGIN: Plugin(
        "onnxruntime_ep_nv_tensorrt_rtx",
        "pip install onnxruntime-ep-nv-tensorrt-rtx",
        "an NVIDIA RTX GPU and its driver",
    ),
}


def add_plugin(onnxruntime: Any, options: Any, name: str) -> None:
    """Makes sessions with `options` use the plugin; ONNX Runtime's own CPU provider runs what it does not take.

    Raises MachineError, with the command, where the package, the device, or a new enough ONNX Runtime is missing.
    """
    plugin = PLUGINS[name]
    package = _package(name, plugin)
    if not hasattr(onnxruntime, "get_ep_devices"):
        raise MachineError(
            f"this ONNX Runtime takes no plugins ({onnxruntime.__version__})",
            wanted=f"{FLOOR} or later",
            next_step="run: pip install --upgrade onnxruntime",
        )
    devices = _devices(onnxruntime, package, name)
    if not devices:
        raise MachineError(
            f"{name} finds no device that it works on",
            wanted=plugin.devices,
            next_step="leave --backend out",
        )
    # One device, the first: a session that is spread over several cannot be compared with another run's.
    options.add_provider_for_devices(devices[:1], {})


def _package(name: str, plugin: Plugin) -> ModuleType:
    try:
        return importlib.import_module(plugin.module)
    except Exception as error:  # its libraries may be missing, and it raises what it likes
        words = " ".join(str(error).split())[:200]
        raise MachineError(
            f"{name} does not load: {words}", next_step=f"run: {plugin.install}"
        ) from None


def _devices(onnxruntime: Any, package: ModuleType, name: str) -> list[Any]:
    """Those that the plugin works on. The library is registered once a process."""
    provider = package.get_ep_name()
    found = [one for one in onnxruntime.get_ep_devices() if one.ep_name == provider]
    if found:
        return found
    try:
        onnxruntime.register_execution_provider_library(name, package.get_library_path())
    except Exception as error:  # ONNX Runtime's own classes share no base but Exception
        words = " ".join(str(error).split())[:200]
        if "already" not in words:
            raise MachineError(
                f"{name} does not start: {words}", next_step="leave --backend out"
            ) from None
    return [one for one in onnxruntime.get_ep_devices() if one.ep_name == provider]
