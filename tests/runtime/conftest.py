"""Toy bundles and fields for the tests of this room."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from stand_ins import blob_field, result_of
from toy_bundle import LABORATORY, write_toy_bundle

from leukoscope.images.painter.field import paint_field
from leukoscope.runtime.field import Frame

# A busy machine is no fault of the code: examples are drawn and run however long that takes.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def toy_bundle(tmp_path_factory):
    """Both networks and trees."""
    return write_toy_bundle(tmp_path_factory.mktemp("toy") / "bundle")


@pytest.fixture(scope="session")
def painted():
    """A painted field in the stain that the toy's mask knows."""
    return paint_field("Pro", 5, laboratory=LABORATORY)


@pytest.fixture
def painted_frame(painted):
    return Frame(painted.image, "painted", "painted_000", 0)


@pytest.fixture
def result():
    """A result with two cells, a vote and evidence, made without a network."""
    return result_of(blob_field())


@pytest.fixture
def image_folder(tmp_path):
    """A writer of PNG files: image_folder(name, seed) -> path."""
    import cv2

    def write(name: str, seed: int = 0, size_px: tuple[int, int] = (64, 48)) -> Path:
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(seed)
        cv2.imwrite(str(path), rng.integers(0, 255, (size_px[1], size_px[0], 3), np.uint8))
        return path

    return write
