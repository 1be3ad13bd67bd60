"""Tiny public sets, made up in the form in which the real ones are downloaded."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from fake_files import write_image

# A busy machine is no fault of the code: examples are drawn and run however long that takes.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "download"
    folder.mkdir()
    return folder


@pytest.fixture
def make(root):
    """make("a/b.jpg", seed) writes a picture below `root`."""

    def write(name: str, seed: int = 0, size_px=(48, 40)) -> Path:
        pixels = np.random.default_rng(seed).integers(0, 255, (size_px[1], size_px[0], 3), np.uint8)
        return write_image(root / name, pixels)

    return write
