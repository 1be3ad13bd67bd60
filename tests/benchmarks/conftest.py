"""The benchmarks are scripts beside the package: their folder is put on the path, as Python does for a script."""

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
