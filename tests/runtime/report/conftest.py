"""Puts `study_made`, `parsed` and the gate's `made` beside the tests."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "gate", HERE.parent):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
