"""The NVIDIA device, and the packages that reach it."""

import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path

from leukoscope.errors import LeukoscopeError
from leukoscope.runtime.engines.library import INSTALL, TENSORRT, TENSORRT_RTX
from leukoscope.runtime.finding import Finding, Package

MODEL = Path("/proc/device-tree/model")
DRIVER = Path("/proc/driver/nvidia/version")
TEGRA = Path("/etc/nv_tegra_release")
PCI = Path("/sys/bus/pci/devices")
NVIDIA, DISPLAY = "0x10de", "0x03"
INSTALL_DRIVER = "on Ubuntu: sudo ubuntu-drivers install, then restart"
INSTALL_TOOLKIT = "sudo apt-get install nvidia-cuda-toolkit (on a Jetson: nvidia-jetpack)"

PACKAGES = (
    Package(TENSORRT, "tensorrt", "engines", "TensorRT engines", INSTALL[TENSORRT]),
    Package(
        TENSORRT_RTX,
        "tensorrt_rtx",
        "engines",
        "TensorRT-RTX engines, also ahead of time without a GPU",
        INSTALL[TENSORRT_RTX],
    ),
    Package(
        "pycuda",
        "pycuda",
        "engines",
        "CUDA memory and streams; compiled by pip with nvcc",
        f"{INSTALL_TOOLKIT}, then: pip install pycuda",
    ),
    Package(
        "cuda-bindings",
        "cuda.bindings",
        "engines",
        "the same where pycuda is not installed",
        "pip install 'leukoscope[cuda-python]'",
    ),
)


def look_at_gpu() -> Iterator[Finding]:
    """The driver, the device, the compiler of pycuda, and PACKAGES."""
    yield _driver()
    yield _device()
    nvcc = shutil.which("nvcc") or shutil.which("nvcc", path="/usr/local/cuda/bin")
    remedy = "" if nvcc else INSTALL_TOOLKIT
    yield Finding("engines", "nvcc", nvcc is not None, nvcc or "compiles pycuda", remedy)
    for package in PACKAGES:
        yield package.look()


def driver_loads() -> bool:
    """Whether NVIDIA's driver library is there."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def has_nvidia_device(pci: Path = PCI) -> bool:
    """Whether a display device of NVIDIA is on the PCI bus, or the machine is a Jetson."""
    if TEGRA.exists():
        return True
    return any(
        _text(device / "vendor") == NVIDIA and _text(device / "class").startswith(DISPLAY)
        for device in (pci.iterdir() if pci.is_dir() else ())
    )


def driver_remedy() -> str:
    """How the driver comes to this machine."""
    if has_nvidia_device():
        return INSTALL_DRIVER
    return "no command helps: put in an NVIDIA GPU, or use a Jetson; until then ONNX Runtime uses the processor"


def _driver() -> Finding:
    for file in (DRIVER, TEGRA):
        if file.exists():
            lines = _text(file).splitlines() or [""]
            return Finding("engines", "NVIDIA driver", True, lines[0].strip("# "))
    if driver_loads():
        return Finding("engines", "NVIDIA driver", True, "libcuda.so.1 loads")
    there = has_nvidia_device()
    detail = (
        "a GPU is there, its driver is not loaded" if there else "no NVIDIA GPU is in this machine"
    )
    return Finding("engines", "NVIDIA driver", False, detail, driver_remedy())


def _device() -> Finding:
    """The first CUDA device, asked through the binding that the backends use."""
    if not driver_loads():
        remedy = driver_remedy()
        return Finding("engines", "CUDA device", False, "it needs NVIDIA's driver", remedy)
    from leukoscope.runtime.backends.cuda.opening import load_driver

    try:
        facts = load_driver().facts(0)
    except LeukoscopeError as error:
        return Finding("engines", "CUDA device", False, error.found, error.next_step)
    capability, driver = (
        ".".join(map(str, pair)) for pair in (facts.compute_capability, facts.driver_version)
    )
    detail = f"{facts.name}, compute capability {capability}, CUDA {driver}, {facts.total_bytes / 2**30:.1f} GiB"
    return Finding("engines", "CUDA device", True, f"{detail}, by {facts.binding}")


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
