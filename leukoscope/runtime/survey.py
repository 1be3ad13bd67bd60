"""What this machine can do, found without loading anything heavy: the facts behind `leukoscope doctor`."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.cpu import instruction_set

_APT_CUDA = "install NVIDIA's driver and CUDA toolkit, then: "


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; `remedy` is the command that brings it, empty where it is present."""

    group: str
    what: str
    present: bool
    detail: str
    remedy: str = ""
    needed: bool = False
    """True for what the edge install cannot do without."""


@dataclass(frozen=True)
class _Package:
    distribution: str
    module: str
    group: str
    serves: str
    remedy: str


_PACKAGES = (
    _Package("torch", "torch", "workstation", "train, export", "pip install 'leukoscope[workstation]'"),
    _Package("onnx", "onnx", "workstation", "export, calibrate", "pip install 'leukoscope[calibration]'"),
    _Package("xgboost", "xgboost", "workstation", "train trees", "pip install 'leukoscope[workstation]'"),
    _Package("treelite", "treelite", "workstation", "export", "pip install 'leukoscope[workstation]'"),
    _Package(
        "tensorrt",
        "tensorrt",
        "engines",
        "TensorRT engines",
        "on a Jetson: apt-get install python3-libnvinfer, with a --system-site-packages environment; "
        "elsewhere: pip install 'leukoscope[tensorrt]'",
    ),
    _Package(
        "tensorrt-rtx", "tensorrt_rtx", "engines", "TensorRT-RTX engines", "pip install 'leukoscope[tensorrt-rtx]'"
    ),
    _Package("pycuda", "pycuda", "engines", "CUDA memory and streams", _APT_CUDA + "pip install pycuda"),
    _Package("cuda-python", "cuda", "engines", "the same, without pycuda", "pip install 'leukoscope[cuda-python]'"),
    _Package(
        "onnxruntime-ep-openvino",
        "onnxruntime_ep_openvino",
        "engines",
        "OpenVINO as a provider of ONNX Runtime",
        "pip install 'leukoscope[openvino]'",
    ),
)  # fmt: skip


def survey() -> list[Finding]:
    """Every finding, in the order in which `doctor` prints them."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (_machine, _edge, _gpu, _packages)
    return [finding for look in looks for finding in look()]


def _machine() -> Iterator[Finding]:
    model = Path("/proc/device-tree/model")
    board = (
        model.read_text(errors="replace").strip("\0\n ") if model.exists() else platform.machine()
    )
    yield Finding("machine", "computer", True, f"{board}, {os.cpu_count()} cores, {_memory()}")
    yield Finding("machine", "processor", True, f"instruction set {instruction_set()}")
    yield Finding("machine", "python", True, f"{platform.python_version()} on {platform.system()}")


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.1f} GiB of memory"


def _edge() -> Iterator[Finding]:
    try:
        from leukoscope.images.opencv import cv2

        gstreamer = "GStreamer: YES" in " ".join(cv2.getBuildInformation().split())
        yield Finding("edge", "OpenCV", True, f"{cv2.__version__} at {cv2.__file__}", needed=True)
        yield Finding(
            "edge",
            "OpenCV's GStreamer",
            gstreamer,
            "CSI cameras and low-latency RTSP",
            "" if gstreamer else "apt-get install python3-opencv, in a --system-site-packages environment without pip's",
        )  # fmt: skip
    except LeukoscopeError as error:
        yield Finding("edge", "OpenCV", False, error.found, error.next_step, needed=True)
    yield from _onnxruntime()
    yield _tree_kernel()


def _tree_kernel() -> Finding:
    """Whether the boosted trees are walked in C; a missing kernel costs time, not results."""
    from leukoscope.bundle.tree_kernel import kernel_library

    library = kernel_library()
    return Finding(
        "edge",
        "tree kernel",
        library is not None,
        str(library) if library else "not built; NumPy walks the boosted trees, slowly",
        ""
        if library
        else "apt-get install gcc, then: pip install --force-reinstall --no-deps --no-cache-dir leukoscope",
    )


def _onnxruntime() -> Iterator[Finding]:
    installed = [n for n in ("onnxruntime", "onnxruntime-gpu") if _version(n)]
    try:
        import onnxruntime

        providers = ", ".join(
            p.removesuffix("ExecutionProvider") for p in onnxruntime.get_available_providers()
        )
        yield Finding(
            "edge",
            "ONNX Runtime",
            True,
            f"{onnxruntime.__version__}; providers: {providers}",
            needed=True,
        )
    except ImportError as error:
        yield Finding(
            "edge", "ONNX Runtime", False, str(error), "pip install onnxruntime", needed=True
        )
    if len(installed) > 1:
        yield Finding(
            "edge",
            "one ONNX Runtime",
            False,
            "onnxruntime and onnxruntime-gpu hide each other",
            "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu",
        )


def _gpu() -> Iterator[Finding]:
    driver = Path("/proc/driver/nvidia/version")
    jetson = Path("/etc/nv_tegra_release")
    if driver.exists():
        detail = driver.read_text(errors="replace").splitlines()[0].strip()
    elif jetson.exists():
        detail = jetson.read_text(errors="replace").splitlines()[0].strip("# ")
    else:
        detail = "no NVIDIA driver is loaded"
    present = driver.exists() or jetson.exists()
    remedy = (
        ""
        if present
        else "a CUDA device and its driver; without them ONNX Runtime uses the processor"
    )
    yield Finding("engines", "NVIDIA driver", present, detail, remedy)
    nvcc = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
    yield Finding(
        "engines",
        "nvcc",
        nvcc is not None,
        nvcc or "builds pycuda",
        "" if nvcc else _APT_CUDA + "nvcc --version",
    )


def _packages() -> Iterator[Finding]:
    for package in _PACKAGES:
        version = _version(package.distribution) or (
            _top_level(package.module) and "version unknown"
        )
        detail = f"{version}, for {package.serves}" if version else f"for {package.serves}"
        yield Finding(
            package.group,
            package.distribution,
            bool(version),
            detail,
            "" if version else package.remedy,
        )


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _top_level(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
