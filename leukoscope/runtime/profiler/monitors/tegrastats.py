"""tegrastats, which comes with every Jetson: its lines read, and the program run.

The forms are those of Jetson Linux 36 (Orin) and 38, 39 (Thor), which NVIDIA describes under "Tegrastats Utility" in
docs.nvidia.com/jetson/archives/r36.4.4/DeveloperGuide/AT/JetsonLinuxDevelopmentTools/TegrastatsUtility.html (and r38.4):

    RAM X/YMB       CPU [X%@Z,off,..]        GR3D_FREQ X%@[Y,Y]  or  @[Y,Y,Y] without a share (Thor)
    NAME@T[/T]C     a temperature, of which 39 gives the highest too; -256C is a sensor that is switched off
    RAIL PmW/PmW    power now and on the average; 39 gives the highest too
"""

import re
import shutil
import subprocess
import threading
import time

from leukoscope.errors import MachineError
from leukoscope.runtime.profiler.monitors.reading import Reading

PROGRAM = "tegrastats"
LINE_LIMIT = 16_384
MEGABYTE = 1 << 20
OFF_C = -200.0
"""Under this a sensor is off."""
STALE_INTERVALS = 5
END_S = 2.0

_NUMBER = r"(-?\d{1,9}(?:\.\d{1,6})?)"
_RAM = re.compile(r"\bRAM (\d{1,9})/\d{1,9}MB", re.ASCII)
_CORES = re.compile(r"\bCPU \[([^\]]{0,4096})\](?:@(\d{1,6}))?", re.ASCII)
_CORE = re.compile(r"(\d{1,3})%(?:@(\d{1,6}))?", re.ASCII)
_GPU = re.compile(r"\bGR3D_FREQ (?:(\d{1,3})%)?(?:@\[?([\d,]{1,64}))?", re.ASCII)
_TEMPERATURE = re.compile(rf"(?<!\S)(\w{{1,32}})@{_NUMBER}C?(?:/{_NUMBER})?C(?!\S)", re.ASCII)
_POWER = re.compile(rf"(?<!\S)([A-Z]\w{{1,31}}) {_NUMBER}mW", re.ASCII)


def parse_line(line: str) -> Reading:
    """What one line tells; of any other text nothing. Never raises. `at_tick_ns` is 0."""
    line = line[:LINE_LIMIT]
    ram = _RAM.search(line)
    loads, clocks = _cores(line)
    gpu_share, gpu_mhz = _gpu(line)
    temperatures = {m[1]: float(m[2]) for m in _TEMPERATURE.finditer(line)}
    return Reading(
        cpu_load_share=sum(loads) / len(loads) if loads else None,
        cpu_mhz=clocks,
        gpu_mhz=gpu_mhz,
        gpu_load_share=gpu_share,
        temperatures_c={name: value for name, value in temperatures.items() if value > OFF_C},
        power_w={match[1]: float(match[2]) / 1e3 for match in _POWER.finditer(line)},
        host_used_bytes=int(ram[1]) * MEGABYTE if ram else None,
    )


def _cores(line: str) -> tuple[list[float], tuple[float, ...]]:
    """Load, 0 to 1, and clock in MHz of each core that is on."""
    listed = _CORES.search(line)
    if listed is None:
        return [], ()
    cores = [match for entry in listed[1].split(",") if (match := _CORE.fullmatch(entry.strip()))]
    clocks = (match[2] or listed[2] for match in cores)
    loads = [min(1.0, int(match[1]) / 100) for match in cores]
    return loads, tuple(float(clock) for clock in clocks if clock)


def _gpu(line: str) -> tuple[float | None, float | None]:
    """Load, 0 to 1, and the clock of the fastest of its clusters, MHz."""
    found = _GPU.search(line)
    if found is None:
        return None, None
    clocks = [int(part) for part in (found[2] or "").split(",") if part]
    share = min(1.0, int(found[1]) / 100) if found[1] else None
    return share, float(max(clocks)) if clocks else None


class Tegrastats:
    """The program, running; a thread keeps its newest line."""

    name = PROGRAM

    def __init__(self, program: str, interval_s: float) -> None:
        milliseconds = max(1, round(interval_s * 1000))
        self._fresh_ns = round(STALE_INTERVALS * interval_s * 1e9)
        self._line, self._at_ns = "", 0
        self._process = subprocess.Popen(
            [program, "--interval", str(milliseconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
        )
        self._thread = threading.Thread(target=self._follow, name=PROGRAM, daemon=True)
        self._thread.start()

    def read(self) -> Reading:
        """Of the newest line; nothing where it is old."""
        line, at_ns = self._line, self._at_ns
        fresh = time.monotonic_ns() - at_ns <= self._fresh_ns
        return parse_line(line) if line and fresh else Reading()

    def close(self) -> None:
        """Ends the program."""
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(END_S)
        if self._process.stdout is not None and not self._thread.is_alive():
            self._process.stdout.close()

    def _follow(self) -> None:
        output = self._process.stdout
        while output is not None and (line := output.readline(LINE_LIMIT)):
            self._line, self._at_ns = line, time.monotonic_ns()


def open_tegrastats(interval_s: float) -> Tegrastats:
    """Starts it. MachineError where the machine has none, or does not let it run."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise MachineError(f"there is no {PROGRAM}", wanted="a Jetson")
    try:
        return Tegrastats(program, interval_s)
    except OSError as error:
        raise MachineError(f"{program} does not start: {error.strerror or error}") from None
