"""The toy bundle's networks, and a profile made without measuring."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from profile_made import made_profile

from leukoscope.progress import Silent
from leukoscope.runtime.profiler.inputs import open_inputs


@pytest.fixture(scope="session")
def painted_inputs():
    """The painted fields that go round where no data are given."""
    return open_inputs(None, Silent())


@pytest.fixture
def profile():
    """One variant that is trusted, and one that is not, a run, and something that was not measured."""
    return made_profile()
