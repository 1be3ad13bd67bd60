"""Runs the tests that need a CUDA device, and writes what was found as JSON, ready to be sent in.

    python tests/gpu/run.py [-o gpu-record.json] [--bundle BUNDLE] [PYTEST OPTION...]

`make test-gpu` calls it. Exit code 0 if all passed, 1 if some failed, 4 with one line if this machine cannot run them.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine

HERE = Path(__file__).resolve().parent


def main(words=None):
    """The exit code."""
    options, more = _options(words)
    lacks = machine.missing()
    if lacks:
        print(f"test-gpu: not run, this machine lacks {'; '.join(lacks)}", file=sys.stderr)
        return 4
    options.output.unlink(missing_ok=True)
    os.environ["LEUKOSCOPE_GPU_RECORD"] = str(options.output.resolve())
    if options.bundle:
        os.environ["LEUKOSCOPE_GPU_BUNDLE"] = str(options.bundle.resolve())
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-ra", str(HERE), *more]
    code = subprocess.run(command, cwd=HERE.parent.parent).returncode
    print(
        f"test-gpu: the record is {options.output}"
        if options.output.exists()
        else "test-gpu: no record"
    )
    return min(code, 1)


def _options(words):
    parser = argparse.ArgumentParser(description="Runs the tests that need a CUDA device.")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu-record.json"))
    parser.add_argument(
        "--bundle", type=Path, help="a calibrated bundle; by default the one that is shipped"
    )
    return parser.parse_known_args(words)


if __name__ == "__main__":
    sys.exit(main())
