"""What each `--backend` lacks on this machine, and which one `auto` takes."""

from collections.abc import Iterator, Mapping

from leukoscope.runtime.backends.cuda.opening import INSTALL
from leukoscope.runtime.backends.onnxruntime import (
    CPU,
    CUDA,
    INSTALL_CUDA,
    PROVIDERS,
    TENSORRT_PROVIDER,
)
from leukoscope.runtime.backends.openvino import INSTALL as INSTALL_OPENVINO
from leukoscope.runtime.backends.openvino import OPENVINO
from leukoscope.runtime.backends.plugins import OPENVINO_PLUGIN, PLUGINS, RTX_PLUGIN
from leukoscope.runtime.engines.library import TENSORRT, TENSORRT_RTX
from leukoscope.runtime.finding import Finding, has_module
from leukoscope.runtime.survey_gpu import PACKAGES, driver_loads, driver_remedy

OF_AUTO = (TENSORRT, TENSORRT_RTX, CUDA, CPU, OPENVINO)
RIVAL = "for networks that it is quicker with when they are opened"
ENGINES = "for networks whose engine is built (leukoscope build BUNDLE)"


def look_at_backends() -> Iterator[Finding]:
    """A finding for each backend, the best first, and one for `auto`; the remedies are all that a backend lacks."""
    lacking = lacking_by_backend()
    for name, missing in lacking.items():
        detail = _strength(name) if not missing else f"lacks {', '.join(missing)}"
        yield Finding(
            "backends", f"--backend {name}", not missing, detail, "; then ".join(missing.values())
        )
    there = [name for name, missing in lacking.items() if not missing and name in OF_AUTO]
    if there:
        yield Finding("backends", "--backend auto", True, f"takes {chosen(there)}")


def lacking_by_backend() -> dict[str, dict[str, str]]:
    """Backend -> what it lacks and the command that brings it; {} where it lacks nothing."""
    driver = {} if driver_loads() else {"NVIDIA's driver": driver_remedy()}
    bindings = has_module("pycuda") or has_module("cuda.bindings")
    native = {**driver, **({} if bindings else {"pycuda or cuda-python": INSTALL})}
    return {
        TENSORRT: {**native, **_lacking_package(TENSORRT)},
        TENSORRT_RTX: {**native, **_lacking_package(TENSORRT_RTX)},
        CUDA: {**driver, **_lacking_provider(CUDA, INSTALL_CUDA)},
        TENSORRT_PROVIDER: {**driver, **_lacking_provider(TENSORRT_PROVIDER, INSTALL_CUDA)},
        RTX_PLUGIN: {**driver, **_lacking_plugin(RTX_PLUGIN)},
        OPENVINO: {} if has_module(OPENVINO) else {"the package openvino": INSTALL_OPENVINO},
        OPENVINO_PLUGIN: _lacking_plugin(OPENVINO_PLUGIN),
        CPU: _lacking_provider(CPU, "pip install onnxruntime"),
    }


def chosen(there: list[str]) -> str:
    """What `auto` does with the backends that lack nothing, the best first."""
    native = [name for name in there if name in (TENSORRT, TENSORRT_RTX)]
    rest = [name for name in there if name not in (*native, OPENVINO)][:1]
    rival = [f"{CPU}, or {OPENVINO} {RIVAL}"] if rest == [CPU] and OPENVINO in there else rest
    parts = [f"{name} {ENGINES}" for name in native] + rival
    return ", else ".join(parts)


def _strength(name: str) -> str:
    return {
        TENSORRT: f"the quickest, {ENGINES}",
        TENSORRT_RTX: f"for GeForce RTX and the like, {ENGINES}",
        CUDA: "without a build; its provider may still lack cuDNN, which the first run says",
        TENSORRT_PROVIDER: "builds its engine at every start",
        RTX_PLUGIN: "on an NVIDIA RTX GPU; not taken by auto",
        OPENVINO: f"on the processor; auto takes it {RIVAL}",
        OPENVINO_PLUGIN: "on an Intel processor or GPU, which the first run shows; not taken by auto",
        CPU: "works everywhere",
    }[name]


def _lacking_package(name: str) -> Mapping[str, str]:
    finding = next(package for package in PACKAGES if package.distribution == name).look()
    return {} if finding.present else {f"the package {name}": finding.remedy}


def _lacking_plugin(name: str) -> dict[str, str]:
    plugin = PLUGINS[name]
    return {} if has_module(plugin.module) else {f"the package {plugin.module}": plugin.install}


def _lacking_provider(name: str, remedy: str) -> dict[str, str]:
    try:
        import onnxruntime
    except ImportError:
        return {"ONNX Runtime": "pip install onnxruntime"}
    provider = PROVIDERS[name]
    there = provider in onnxruntime.get_available_providers()
    return {} if there else {f"ONNX Runtime's {provider}": remedy}
