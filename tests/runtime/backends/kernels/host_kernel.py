"""heat.cu, compiled for the processor."""

import ctypes
import subprocess
from pathlib import Path

import numpy as np

from leukoscope.runtime.backends.kernels.heat import BLOCK_PX, SOURCE
from leukoscope.runtime.sinks.heat import CLEAR_BELOW, STRONGEST, colours

HOST = Path(__file__).resolve().with_name("host.cpp")
COMPILE = ["c++", "-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-shared", "-fPIC"]  # fmt: skip


def build(folder, source=SOURCE):
    """The library's path; `source`: another heat.cu."""
    library = folder / "heat.so"
    subprocess.run([*COMPILE, f"-I{source.parent}", HOST, "-o", library], check=True)
    return library


def draw(library, frames, maps, frame, plane, high):
    """As HeatKernel.draw, on arrays of the host: the whole picture [B, S, S, 3], zero where nothing was drawn."""
    picture, side = np.zeros_like(frames), frames.shape[1]
    table = np.ascontiguousarray(colours(np.linspace(0, 1, 256, dtype=np.float32)[None])[0])
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (picture, frames, maps, table)]
    counts = [ctypes.c_int(v) for v in (frame, plane, side, *maps.shape[-2:])]
    looks = [ctypes.c_float(v) for v in (high, CLEAR_BELOW, 1 - CLEAR_BELOW, STRONGEST)]
    values = [*pointers, *counts, *looks]
    array = (ctypes.c_void_p * len(values))(*(ctypes.addressof(v) for v in values))
    grid = (ctypes.c_uint * 3)(-(-side // BLOCK_PX[0]), -(-side // BLOCK_PX[1]), 1)
    ctypes.CDLL(str(library)).draw_heat(array, grid, (ctypes.c_uint * 3)(*BLOCK_PX))
    return picture
