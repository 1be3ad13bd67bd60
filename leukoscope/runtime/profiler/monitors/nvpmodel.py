"""The power mode of a Jetson, which caps its clocks: `nvpmodel -q`."""

import re
import shutil
import subprocess

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.reading import Reading

PROGRAM = "nvpmodel"
TIMEOUT_S = 5.0
TEXT_LIMIT = 16_384
_MODE = re.compile(r"^[ \t]*NV Power Mode[ \t]*:[ \t]*(\S[^\r\n]{0,63})\r?$", re.MULTILINE)


def parse_mode(text: str) -> str | None:
    """`NV Power Mode: MAXN_SUPER`, then its number -> `MAXN_SUPER`; None where no line says so."""
    found = _MODE.search(text[:TEXT_LIMIT])
    return found[1].strip() if found else None


class PowerMode:
    """Asked once: the mode stays until somebody changes it, and asking starts a program."""

    name = PROGRAM

    def __init__(self, mode: str) -> None:
        self._reading = Reading(mode=mode)

    def read(self) -> Reading:
        """The mode as it was at the beginning."""
        return self._reading

    def close(self) -> None:
        """Nothing is held."""


def open_power_mode() -> PowerMode:
    """MachineError where there is no nvpmodel, or it says nothing."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise MachineError(f"there is no {PROGRAM}", wanted="a Jetson")
    try:
        done = subprocess.run(
            [program, "-q"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"{program} -q: {error}") from None
    mode = parse_mode(done.stdout)
    if mode is None:
        raise MachineError(f"{program} -q names no mode", next_step="try: sudo nvpmodel -q")
    return PowerMode(mode)
