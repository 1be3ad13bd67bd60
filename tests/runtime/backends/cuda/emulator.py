"""The emulated CUDA driver: built from C, and steered from inside a program that runs on it.

Nothing here imports pytest or leukoscope: child processes import it too.
"""

import ctypes
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILE = [
    "cc",
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O1",
    "-g",
    "-shared",
    "-fPIC",
    "-pthread",
]
KINDS = (
    "context",
    "device memory",
    "host memory",
    "stream",
    "event",
    "recording",
    "graph",
    "module",
)
LAUNCH_FAILED, OUT_OF_MEMORY = 719, 2


def build(folder, needs=None):
    """Compiles `libcuda.so.1` into `folder`; `needs`: a library whose other CUDA symbols become refusals."""
    stubs = folder / "refusals.c"
    stubs.write_text("\n".join(_refusal(name) for name in _wanted(needs)))
    sources = sorted(str(path) for path in (HERE / "driver").glob("*.c"))
    out = ["-o", str(folder / "libcuda.so.1"), "-Wl,-soname,libcuda.so.1", "-ldl"]
    subprocess.run([*COMPILE, *sources, str(stubs), *out], check=True)
    (folder / "libcuda.so").symlink_to("libcuda.so.1")
    return folder


def compile_kernels(folder, source):
    """A module image for the emulator: C in the form that driver/kernels.c describes."""
    code, image = folder / "kernels.c", folder / "kernels.so"
    code.write_text(source)
    subprocess.run([*COMPILE, str(code), "-o", str(image)], check=True)
    return image.read_bytes()


def _wanted(library):
    """pycuda is linked against all that it can call; what the emulator lacks must exist to load it."""
    if library is None:
        return []
    names = subprocess.run(
        ["nm", "-D", "--undefined-only", str(library)], check=True, capture_output=True, text=True
    ).stdout.split()
    return sorted({n for n in names if n.startswith("cu") and n[2:3].isupper()})


def _refusal(name):
    return f"__attribute__((weak)) int {name}(void);\n__attribute__((weak)) int {name}(void) {{ return 801; }}"


class Emulator:
    """What the emulated driver has seen, and what it shall do; for use in a program that runs on it."""

    def __init__(self):
        self._library = ctypes.CDLL("libcuda.so.1")
        for name in ("calls", "live", "abandoned"):
            getattr(self._library, f"emulator_{name}").restype = ctypes.c_long
        for name in ("violation", "failed"):
            getattr(self._library, f"emulator_{name}").restype = ctypes.c_char_p

    def set(self, **settings):
        """`lazy`, `seed`, `delay_us`, `memory_mb`, `integrated`, `major`, `minor`, `version`, `devices`."""
        for key, value in settings.items():
            assert self._library.emulator_set(key.encode(), ctypes.c_long(value)) == 0, key

    def fail(self, call="", nth=1, code=LAUNCH_FAILED, onward=False):
        """The nth call from now on (of one function, or of any) fails."""
        self._library.emulator_fail(call.encode(), ctypes.c_long(nth), code, int(onward))

    def fail_work(self, nth=1, code=LAUNCH_FAILED):
        """The nth piece of device work from now on fails, when it runs."""
        self._library.emulator_fail_work(ctypes.c_long(nth), code)

    def failed(self):
        """The call that failed last on demand; empty where none did."""
        return self._library.emulator_failed().decode()

    def forget(self):
        """Counts, violations and failures start anew."""
        self._library.emulator_forget()

    def calls(self, name=""):
        return self._library.emulator_calls(name.encode())

    def live(self):
        """What exists now, by kind; empty where nothing does."""
        counts = {kind: self._library.emulator_live(kind.encode()) for kind in KINDS}
        return {kind: count for kind, count in counts.items() if count}

    def abandoned(self):
        """How many handles were never released and went down with their context."""
        return self._library.emulator_abandoned(b"")

    def violations(self):
        count = self._library.emulator_violations()
        return [self._library.emulator_violation(i).decode() for i in range(min(count, 64))]

    def reaches(self, address, size_bytes):
        """Whether device work may touch this range now; for what a host function stands in for."""
        reaches = self._library.emulator_reaches
        return bool(reaches(ctypes.c_uint64(address), ctypes.c_size_t(size_bytes)))

    def host_function(self, stream_handle, function, data=0):
        """Puts `function(data)` on a stream; the caller keeps the CFUNCTYPE object alive."""
        code = self._library.cuLaunchHostFunc(
            ctypes.c_void_p(stream_handle), function, ctypes.c_void_p(data)
        )
        assert code == 0, code

    def assert_clean(self):
        """Nothing is left, nothing was left to the context, and no rule was broken."""
        assert self.live() == {}
        assert self.abandoned() == 0
        assert self.violations() == []
