"""What this machine is, for the page that says where the figures were made."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from leukoscope.runtime.backends.onnxruntime import available_cores
from leukoscope.runtime.cpu import CPUINFO, instruction_set
from leukoscope.runtime.report.contents import Machine

PACKAGES = ("onnxruntime", "onnxruntime-gpu")


def this_machine(backends: tuple[str, ...], threads: int | None) -> Machine:
    """`threads`: None for one on each core, as the backend takes it."""
    return Machine(
        cpu=cpu_model(),
        instruction_set=instruction_set(),
        system=f"{platform.system()} {platform.machine()}",
        backends=backends,
        onnxruntime=_onnxruntime_version(),
        threads=threads or available_cores(),
    )


def cpu_model(cpuinfo: Path = CPUINFO) -> str:
    """The processor's own name, `model name` of /proc/cpuinfo; the architecture where it gives none."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    pairs = (line.partition(":") for line in lines)
    names = (value.strip() for key, _, value in pairs if key.strip() == "model name")
    return next(filter(None, names), platform.machine())


def _onnxruntime_version() -> str | None:
    for package in PACKAGES:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None
