"""The one seam to NVIDIA's builders: TensorRT (10.3 to 11.x) and TensorRT-RTX, which share their Python API."""

import importlib
from dataclasses import dataclass
from types import ModuleType

from leukoscope.errors import MachineError, UsageError

TENSORRT, TENSORRT_RTX = "tensorrt", "tensorrt-rtx"
MODULES = {TENSORRT: "tensorrt", TENSORRT_RTX: "tensorrt_rtx"}
TITLES = {TENSORRT: "TensorRT", TENSORRT_RTX: "TensorRT-RTX"}
FLOOR = {TENSORRT: (10, 3), TENSORRT_RTX: (1, 3)}
"""The oldest version whose API this package uses: that of JetPack 6."""
INSTALL = {
    TENSORRT: "on a Jetson: sudo apt-get install python3-libnvinfer, then make the environment with "
    "python3 -m venv --system-site-packages; on a desktop: pip install 'leukoscope[tensorrt]'",
    TENSORRT_RTX: "run: pip install 'leukoscope[tensorrt-rtx]'",
}


@dataclass(frozen=True)
class Library:
    """A builder that is installed and loads."""

    module: ModuleType
    name: str
    """As `--backend` names it: `tensorrt` or `tensorrt-rtx`."""
    version: str
    """Its own: `10.3.0`."""

    @property
    def title(self) -> str:
        """For people: `TensorRT-RTX 1.7.1.116`."""
        return f"{TITLES[self.name]} {self.version}"


def load_tensorrt(name: str) -> Library:
    """Loads `tensorrt` or `tensorrt-rtx`.

    Raises UsageError for another name, and MachineError, with the command that helps, where it is not
    installed, does not load, or is older than FLOOR.
    """
    if name not in MODULES:
        raise UsageError(f"no builder is called {name}", wanted=f"one of {', '.join(MODULES)}")
    try:
        module = importlib.import_module(MODULES[name])
    except ModuleNotFoundError as error:
        if error.name != MODULES[name]:
            raise _broken(name, error) from None
        raise MachineError(
            f"{TITLES[name]} is not installed for this Python", next_step=INSTALL[name]
        ) from None
    except Exception as error:  # its libraries are missing, or its package raises what it likes
        raise _broken(name, error) from None
    return _checked(Library(module, name, str(getattr(module, "__version__", "0"))))


def version_numbers(text: str) -> tuple[int, ...]:
    """`10.16.1.11` -> (10, 16, 1, 11); what is no number ends it."""
    numbers: list[int] = []
    for part in text.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _checked(library: Library) -> Library:
    if version_numbers(library.version) < FLOOR[library.name]:
        wanted = ".".join(map(str, FLOOR[library.name]))
        raise MachineError(
            f"{TITLES[library.name]} is of version {library.version}",
            wanted=f"{wanted} or later (on a Jetson: JetPack 6.1)",
            next_step=INSTALL[library.name],
        )
    return library


def _broken(name: str, error: Exception) -> MachineError:
    words = " ".join(str(error).split())[:200]
    return MachineError(
        f"{TITLES[name]} is installed but does not load: {words}", next_step=INSTALL[name]
    )
