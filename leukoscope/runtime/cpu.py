"""The widest integer instruction set of this processor, which decides what INT8 figures mean."""

import platform
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")

WIDEST_FIRST: tuple[tuple[str, str], ...] = (
    ("amx_int8", "amx_int8"),
    ("avx512_vnni", "avx512_vnni"),
    ("avx_vnni", "avx_vnni"),
    ("avx512bw", "avx512bw"),
    ("avx2", "avx2"),
    ("sse4_1", "sse4_1"),
    ("i8mm", "i8mm"),
    ("asimddp", "asimd_dotprod"),
    ("asimd", "asimd"),
)
"""Flag in /proc/cpuinfo (x86 `flags`, Arm `Features`) and the name that reports carry."""
BYTE_PRODUCTS = frozenset(("amx_int8", "avx512_vnni", "avx_vnni", "i8mm", "asimd_dotprod"))


def instruction_set(cpuinfo: Path = CPUINFO) -> str:
    """`avx512_vnni`, `avx2`, `asimd_dotprod`, ...; the machine's architecture where the flags are not known."""
    flags = _flags(cpuinfo)
    return next((name for flag, name in WIDEST_FIRST if flag in flags), platform.machine())


def multiplies_bytes(cpuinfo: Path = CPUINFO) -> bool:
    """Whether it multiplies uint8 by int8 in one instruction that does not saturate: VNNI, AMX, Arm's dot product."""
    return instruction_set(cpuinfo) in BYTE_PRODUCTS


def _flags(cpuinfo: Path) -> frozenset[str]:
    try:
        lines = cpuinfo.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    listed = (line.partition(":") for line in lines)
    return frozenset(
        flag
        for key, _, value in listed
        if key.strip().lower() in ("flags", "features")
        for flag in value.split()
    )
