"""Journals with something in them."""

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from journal_made import about, fill


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "slide.db"


@pytest.fixture
def filled(path) -> Path:
    """Twelve fields of one closed session."""
    fill(path, about(), 12)
    return path


@pytest.fixture
def open_folder():
    """A folder that every user of the machine may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)
