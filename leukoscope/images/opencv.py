"""The only place that imports cv2; everybody else writes `from leukoscope.images.opencv import cv2`.

The module is loaded at its first use, so that `--help` and the bundle's reader need no OpenCV, and so that a
machine that lacks it, or a system library that it links, is told the command that brings it.
"""

import importlib
import re
from typing import TYPE_CHECKING, Any

from leukoscope.errors import MachineError

__all__ = ["cv2"]

INSTALL_HEADLESS = "python -m pip install --force-reinstall opencv-python-headless"
LOG_LEVEL_SILENT = 0
DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libX11.so.6": "libx11-6",
    "libxcb.so.1": "libxcb1",
}


def _machine_error(cause: ImportError) -> MachineError:
    """Says what is missing: the Python package, or the shared library that the loader names."""
    if isinstance(cause, ModuleNotFoundError) and cause.name == "cv2":
        install = "python -m pip install opencv-python-headless"
        return MachineError("OpenCV (cv2) is not installed", next_step=f"run: {install}")
    found = f"OpenCV does not load: {cause}"
    if "multiarray" in str(cause) or "_ARRAY_API" in str(cause):
        # The system's OpenCV was built against NumPy 1; a wheel in its place would have no GStreamer.
        return MachineError(found, next_step="run: python -m pip install 'numpy<2'")
    library = re.search(r"[\w.+-]+\.so(?:\.\d+)*", str(cause))
    package = DEBIAN_PACKAGES.get(library.group()) if library else None
    if package is None:
        return MachineError(found, next_step=f"run: {INSTALL_HEADLESS}")
    install = f"sudo apt-get install -y {package}"
    return MachineError(found, next_step=f"run: {install} (or, without it: {INSTALL_HEADLESS})")


def load() -> Any:
    """The real cv2 module, kept quiet; MachineError with the command where it cannot be loaded."""
    try:
        module = importlib.import_module("cv2")
    except ImportError as cause:
        raise _machine_error(cause) from cause
    # A refused image is named by our own error; OpenCV's lines on stderr would tear the progress bar.
    logging = getattr(module.utils, "logging", module)  # at the top level before OpenCV 4.9
    logging.setLogLevel(LOG_LEVEL_SILENT)
    return module


class _FirstUse:
    """Stands for the module until an attribute is wanted, and keeps each attribute once it was found."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(load(), name)
        self.__dict__[name] = value
        return value


if TYPE_CHECKING:
    import cv2
else:
    cv2 = _FirstUse()
