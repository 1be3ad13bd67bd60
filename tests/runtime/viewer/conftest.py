"""Viewers that answer."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from viewer_made import opened


@pytest.fixture
def shown():
    """A viewer without a journal: `viewer`, `client`, `door`, `warned`."""
    with opened() as it:
        yield it
