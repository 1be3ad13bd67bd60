import cv2
import numpy as np
import pytest

from leukoscope.runtime.report.overlay import overlay, picture, reduced, shaded

NOISE = np.random.default_rng(1).integers(0, 256, (300, 420, 3), np.uint8)


def lightness(pixels):
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(float)


def test_the_more_evidence_the_darker_on_any_ground():
    heat = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (3, 1))
    for grey in (0, 128, 255):
        ground = np.full((3, 101, 3), grey, np.uint8)
        row = lightness(shaded(ground, heat))[1]
        assert (np.diff(row) <= 0).all(), grey
        assert row[0] - row[-1] > 80


def test_without_evidence_the_image_is_pale_grey():
    clear = shaded(NOISE, np.zeros(NOISE.shape[:2], np.float32))
    assert (clear == clear[:, :, :1]).all() and clear.min() >= 130


def test_the_strongest_evidence_is_darker_than_any_ground():
    white = np.full((4, 4, 3), 255, np.uint8)
    black = np.zeros((4, 4, 3), np.uint8)
    hot, cold = np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)
    assert lightness(shaded(white, hot)).max() < lightness(shaded(black, cold)).min()


@pytest.mark.parametrize("shape", [(300, 420), (420, 300), (40, 30), (2000, 2), (256, 256)])
def test_pictures_are_at_most_256_px_and_never_enlarged(shape):
    small = reduced(np.zeros((*shape, 3), np.uint8))
    assert max(small.shape[:2]) <= 256 and min(small.shape[:2]) >= 1
    assert max(shape) > 256 or small.shape[:2] == shape


def test_jpegs_hold_image_and_map_at_one_size():
    heat = np.zeros(NOISE.shape[:2], np.float32)
    heat[:150] = 1
    one, other = (
        cv2.imdecode(np.frombuffer(d, np.uint8), 1) for d in (picture(NOISE), overlay(NOISE, heat))
    )
    assert one.shape == other.shape == (183, 256, 3)
    assert lightness(other[:60, :, ::-1]).mean() < lightness(other[120:, :, ::-1]).mean() - 60
    assert overlay(NOISE, heat) == overlay(NOISE, heat)
