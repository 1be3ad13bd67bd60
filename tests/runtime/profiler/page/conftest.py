"""The reader of pages of the validation report's tests, and a profile made by hand."""

import sys
from pathlib import Path

ROOM = Path(__file__).parents[2]
sys.path.insert(0, str(ROOM / "report"))
sys.path.insert(0, str(ROOM / "profiler"))
