"""Our CUDA sources, compiled on the machine that runs them: by NVRTC, or by nvcc where that is what there is.

Nothing compiled is shipped: PTX of a new toolkit is refused by the older driver of a Jetson, and the toolkit that fits the
driver is on it already.
"""

import ctypes
import shutil
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from leukoscope.errors import MachineError

NVRTC = ("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so")
PACKAGED = "*/lib/libnvrtc.so.*"
NVCC_PLACES = "/usr/local/cuda/bin"
OPTIONS = ("--fmad=false",)
INSTALL = "install NVIDIA's CUDA toolkit (on a Jetson: sudo apt-get install nvidia-jetpack)"


def compile_for(source: Path, compute_capability: tuple[int, int]) -> bytes:
    """The source as a cubin for a device of `compute_capability` (8, 7).

    Raises MachineError where neither compiler is there, or neither knows the device.
    """
    target = f"sm_{compute_capability[0]}{compute_capability[1]}"
    library = _nvrtc()
    if library is not None:
        return compile_with_nvrtc(library, source, target)
    nvcc = shutil.which("nvcc") or shutil.which("nvcc", path=NVCC_PLACES)
    if nvcc is not None:
        return compile_with_nvcc(nvcc, source, target)
    raise MachineError("neither NVRTC nor nvcc is on this machine", next_step=INSTALL)


def compile_with_nvcc(nvcc: str, source: Path, target: str) -> bytes:
    """By the compiler driver; it needs a C++ compiler too."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "kernels.cubin"
        command = [nvcc, "-cubin", f"-arch={target}", *OPTIONS, "-o", str(image), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not image.exists():
            raise _failure(source, target, "nvcc", done.stderr or done.stdout)
        return image.read_bytes()


def compile_with_nvrtc(library: Any, source: Path, target: str) -> bytes:
    """By the library of `ctypes`, in this process."""
    program = ctypes.c_void_p()
    text, name = source.read_bytes(), source.name.encode()
    if library.nvrtcCreateProgram(ctypes.byref(program), text, name, 0, None, None):
        raise _failure(source, target, "NVRTC", "it makes no program")
    try:
        options = [f"--gpu-architecture={target}".encode(), *(o.encode() for o in OPTIONS)]
        array = (ctypes.c_char_p * len(options))(*options)
        if library.nvrtcCompileProgram(program, len(options), array):
            raise _failure(source, target, "NVRTC", _text(library, program, "ProgramLog").decode())
        return _text(library, program, "CUBIN")
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _text(library: Any, program: ctypes.c_void_p, what: str) -> bytes:
    """What nvrtcGet... returns, of the size that nvrtcGet...Size tells."""
    size = ctypes.c_size_t()
    getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    getattr(library, f"nvrtcGet{what}")(program, buffer)
    return buffer.raw


def _nvrtc() -> Any:
    """The system's, or the one that NVIDIA's package of the index brings; None where there is none."""
    for name in NVRTC:
        with suppress(OSError):
            return ctypes.CDLL(name)
    for path in _packaged():
        with suppress(OSError):
            for part in path.parent.glob("libnvrtc-builtins.so.*"):
                ctypes.CDLL(str(part))  # NVRTC asks for it by name, and it is on no search path
            return ctypes.CDLL(str(path))
    return None


def _packaged() -> list[Path]:
    spec = find_spec("nvidia")
    folders = spec.submodule_search_locations if spec is not None else None
    return sorted(path for folder in folders or () for path in Path(folder).glob(PACKAGED))


def _failure(source: Path, target: str, compiler: str, words: str) -> MachineError:
    said = " ".join(words.split())[:300]
    return MachineError(
        f"{compiler} does not compile {source.name} for {target}: {said}", next_step=INSTALL
    )
