"""Makes the modules beside these tests importable, and those that compile with TensorRT-RTX."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.append(str(HERE.parents[1] / "calibration"))

from rtx import tensorrt_rtx  # noqa: E402, F401
