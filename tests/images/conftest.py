"""Lets the tests of this room import the writers of odd image files that lie beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
