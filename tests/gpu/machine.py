"""What a machine with a CUDA device is, for the record of its tests; standard library only, nothing is required."""

import os
import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "leukoscope", "tensorrt", "tensorrt-rtx", "pycuda", "cuda-bindings", "onnxruntime", "onnxruntime-gpu",
    "numpy", "opencv-python", "opencv-python-headless",
)  # fmt: skip
RELEASE = Path("/etc/nv_tegra_release")
MODEL = Path("/proc/device-tree/model")
DRIVERS = (Path("/proc/driver/nvidia/version"), RELEASE)
REPOSITORY = Path(__file__).resolve().parent.parent.parent


def describe():
    """The machine as plain JSON values; null for what it does not tell."""
    return {
        "board": _text(MODEL) or platform.machine(),
        "system": _system(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "swap_bytes": _swap_bytes(),
        "jetson_linux": jetson_linux(_text(RELEASE)),
        "jetpack": _said("dpkg-query", "--showformat=${Version}", "--show", "nvidia-jetpack"),
        "power_mode": _said("nvpmodel", "-q"),
        "driver": _text(DRIVERS[0]),
        "nvcc": _said("nvcc", "--version") or _said("/usr/local/cuda/bin/nvcc", "--version"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": _said("git", "-C", str(REPOSITORY), "rev-parse", "HEAD"),
    }


def missing():
    """What the tests of a device lack here, each with the command that brings it; empty where all is there."""
    lacks = []
    if not any(path.exists() for path in DRIVERS):
        lacks.append("an NVIDIA device with its driver")
    if not any(version(name) for name in ("tensorrt", "tensorrt-rtx")) and not _loads("tensorrt"):
        lacks.append("TensorRT (docs/jetson.md; on a desktop: pip install 'leukoscope[tensorrt]')")
    if not any(version(name) for name in ("pycuda", "cuda-bindings")) and not _loads("pycuda"):
        lacks.append("a CUDA binding (pip install pycuda, or 'leukoscope[cuda-python]')")
    lacks += [f"{n} (pip install 'leukoscope[test]')" for n in ("pytest",) if not version(n)]
    lacks += ["leukoscope itself (pip install .)"] * (not version("leukoscope"))
    return lacks


def jetson_linux(text):
    """`# R36 (release), REVISION: 4.3, ...` -> `36.4.3`; None for anything else."""
    found = re.search(r"R(\d+) \(release\), REVISION: ([\d.]+)", text or "")
    return f"{found[1]}.{found[2]}" if found else None


def version(name):
    """Of an installed distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _loads(module):
    """Whether Debian's package of it is there, which has no distribution of Python."""
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True).returncode == 0


def _system():
    text = _text(Path("/etc/os-release")) or ""
    found = re.search(r'^PRETTY_NAME="(.*)"$', text, re.M)
    return found[1] if found else platform.platform()


def _swap_bytes():
    found = re.search(r"^SwapTotal:\s+(\d+) kB", _text(Path("/proc/meminfo")) or "", re.M)
    return int(found[1]) * 1024 if found else None


def _text(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return None


def _said(*command):
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or None if done.returncode == 0 else None
