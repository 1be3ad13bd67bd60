"""100,000 broken blobs through the reader and a kernel built with AddressSanitizer and UBSan: `make soak`.

What runs is what the runtime runs, `TreeBlob.read` and the walks, in a process of its own under the sanitizers. A crash,
a hang or a finding ends it; the number of the blob and the seed are then named, and the blob is kept.
"""

import argparse
import mmap
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from conftest import grow
from tree_mutations import mutated, sound_blobs, walked

from leukoscope.bundle import tree_blob, tree_kernel

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "leukoscope" / "bundle" / "tree_kernel.c"
SANITIZED = ["-std=c99", "-O1", "-g", "-ffp-contract=off", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]  # fmt: skip
HANG_S = 20
NUMBER = struct.Struct("<Q")


def blob(index: int, seed: int) -> tuple[bytes, np.random.Generator]:
    """Broken blob number `index`, and the source of its rows."""
    random = np.random.default_rng([seed, index])
    bases = sound_blobs(grow) if not hasattr(blob, "bases") else blob.bases
    blob.bases = bases
    return mutated(bases[index % len(bases)], random), random


def soak(library: Path, note: Path, count: int, seed: int) -> None:
    """In the sanitized process: all blobs, one after the other, the number of each noted before it is read."""
    kernel = tree_kernel.TreeKernel(library)
    tree_blob.find_kernel = lambda: kernel
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    accepted, start = 0, time.monotonic()
    with note.open("r+b") as file, mmap.mmap(file.fileno(), NUMBER.size) as at:
        for index in range(count):
            NUMBER.pack_into(at, 0, index)
            signal.alarm(HANG_S)
            accepted += walked(*blob(index, seed))
            if (index + 1) % 10_000 == 0:
                taken = time.monotonic() - start
                print(f"{index + 1} blobs, {accepted} walked, {taken:.0f} s", flush=True)
    signal.alarm(0)
    assert 0 < accepted < count


def build(folder: Path) -> Path:
    """The kernel under the sanitizers."""
    library = folder / "tree_kernel_sanitized.so"
    compiler = os.environ.get("CC", "cc")
    line = [compiler, *SANITIZED, "-fPIC", "-shared", SOURCE, "-o", library, "-lm"]
    subprocess.run(list(map(str, line)), check=True)
    return library


def sanitized_environment() -> dict[str, str]:
    """The sanitizer's runtime first, and Python's memory by malloc, which it watches."""
    compiler = os.environ.get("CC", "cc")
    names = ("libasan.so", "libubsan.so")
    found = [
        subprocess.check_output([compiler, f"-print-file-name={name}"], text=True).strip()
        for name in names
    ]
    return {
        **os.environ,
        "LD_PRELOAD": ":".join(found),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def main() -> int:
    """Builds, runs the sanitized process, and says how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "soak")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    note = options.folder / "number"
    if options.inside:
        soak(options.inside, note, options.count, options.seed)
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    note.write_bytes(NUMBER.pack(0))
    library = build(options.folder)
    line = [sys.executable, __file__, *sys.argv[1:], "--inside", str(library)]
    code = subprocess.run(line, env=sanitized_environment(), check=False).returncode
    if code == 0:
        print(f"{options.count} blobs of seed {options.seed}: refused or walked within bounds")
        return 0
    (index,) = NUMBER.unpack(note.read_bytes())
    (options.folder / "culprit.bin").write_bytes(blob(index, options.seed)[0])
    print(f"blob {index} of seed {options.seed} ended it ({code}): {options.folder}/culprit.bin")
    return 1


if __name__ == "__main__":
    sys.exit(main())
