"""Whether there is room for a build, asked before it begins: a board that runs out in the middle kills it without a word.

The estimates are our choice, above what was measured (docs/build.md): how the process grows while TensorRT-RTX builds
ahead of time. TensorRT on a device also loads its kernels and tries them out, which is what its fixed part is for.
"""

import re
from pathlib import Path

from leukoscope.errors import MachineError

MEMINFO = Path("/proc/meminfo")
MIB = 1 << 20
HOST_PER_GRAPH_BYTE = 8
HOST_FIXED_BYTES = {True: 384 * MIB, False: 1536 * MIB}
"""By whether the build is ahead of time."""
DEVICE_PER_GRAPH_BYTE = 8
DEVICE_FIXED_BYTES = 384 * MIB
SMALL_BOARD_BYTES = 9 << 30
INTEGRATED_SHARE = 4
"""Of the free memory of a board, one part in so many is workspace unless the user says otherwise."""


def check_host_memory(
    graph_bytes: int, *, ahead_of_time: bool, meminfo: Path = MEMINFO
) -> tuple[int, int] | None:
    """(needed, available) bytes by estimate; None where the system does not tell.

    Raises MachineError with advice for small boards where less is available than needed.
    """
    found = _read(meminfo)
    available = found.get("MemAvailable")
    if available is None:
        return None
    needed = HOST_FIXED_BYTES[ahead_of_time] + HOST_PER_GRAPH_BYTE * graph_bytes
    if available < needed:
        raise MachineError(
            f"{available // MIB} MiB of memory are free, and this build needs about {needed // MIB} MiB",
            next_step=advice(found.get("MemTotal", 0), found.get("SwapTotal", 0)),
        )
    return needed, available


def check_device_memory(graph_bytes: int, workspace_bytes: int | None, free_bytes: int) -> int:
    """Bytes that the build needs on the device, by estimate; MachineError where fewer are free."""
    needed = DEVICE_FIXED_BYTES + DEVICE_PER_GRAPH_BYTE * graph_bytes + (workspace_bytes or 0)
    if free_bytes < needed:
        raise MachineError(
            f"{free_bytes // MIB} MiB are free on the device, and this build needs about {needed // MIB} MiB",
            next_step="close what else uses the device (nvidia-smi or tegrastats names it), give --workspace 256 "
            "--batch 1, or try all the same with --skip-memory-check",
        )
    return needed


def default_workspace(free_bytes: int, *, integrated: bool) -> int | None:
    """Workspace on a board that shares its memory: a quarter of what is free; None, TensorRT's own choice, elsewhere."""
    return free_bytes // INTEGRATED_SHARE if integrated else None


def advice(total_bytes: int, swap_bytes: int) -> str:
    """What to do on a board of this size (4 and 8 GB are the Jetsons that run short)."""
    steps = ["close other programs"]
    if total_bytes < SMALL_BOARD_BYTES:
        steps.append("stop the desktop for the build (sudo systemctl isolate multi-user.target)")
        if swap_bytes < 4 << 30:
            steps.append(
                "add swap (sudo fallocate -l 8G /swapfile; sudo chmod 600 /swapfile; "
                "sudo mkswap /swapfile; sudo swapon /swapfile)"
            )
        steps.append("build one network at a time with --network, --batch 1 and --workspace 256")
    return f"{', '.join(steps)}, or try all the same with --skip-memory-check"


def _read(meminfo: Path) -> dict[str, int]:
    """Bytes by name; {} where the file is not there."""
    try:
        text = meminfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    lines = re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)
    return {name: int(number) * 1024 for name, number in lines}
