import numpy as np
import pytest

from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.spectrum import correlation, packing, whitened

random = np.random.default_rng(0)
GROUND = random.normal(size=(400, 400)).astype(np.float32)


@pytest.mark.parametrize("n", [64, 256])
def test_the_packing_is_that_of_opencv(n):
    for kx, ky in ((0, 3), (5, 0), (7, n - 9), (n // 2, 4), (n // 2, 0), (0, n // 2)):
        y, x = np.mgrid[:n, :n]
        tile = np.cos(2 * np.pi * (kx * x + ky * y) / n + 0.3).astype(np.float32)
        power = cv2.dft(tile).ravel() ** 2
        places = np.flatnonzero(power > 1e-3 * power.max())
        partners = packing(n).partner[places]
        assert set(places) == set(partners)
        assert len(places) == (1 if packing(n).alone[places[0]] else 2)
        low = np.hypot(min(kx, n - kx), min(ky, n - ky)) / n
        expected = 0 if low < 0.02 else np.exp(-((low / 0.25) ** 2) * np.log(2) / 2)
        assert packing(n).weight[places] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [64, 256])
@pytest.mark.parametrize("shift", [(0, 0), (13, 7), (5, -11)])
def test_the_peak_is_at_the_shift(n, shift):
    x, y = shift
    first = GROUND[20 : 20 + 3 * n // 4, 20 : 20 + n]
    second = GROUND[20 + y : 20 + y + 3 * n // 4, 20 + x : 20 + x + n]
    surface = correlation(whitened(first, n), whitened(second, n))
    row, column = np.unravel_index(surface.argmax(), surface.shape)
    assert (column, row) == (x % n, y % n)
    assert surface.max() <= 1.001


def test_a_tile_with_itself_is_one():
    white = whitened(GROUND[:192, :256], 256)
    assert correlation(white, white)[0, 0] == pytest.approx(1, abs=1e-3)


def test_strangers_have_no_peak():
    one, other = (
        whitened(random.normal(size=(192, 256)).astype(np.float32), 256) for _ in range(2)
    )
    assert correlation(one, other).max() < 0.05


def test_a_flat_tile_is_no_number_out_of_place():
    surface = correlation(*[whitened(np.zeros((32, 32), np.float32), 64)] * 2)
    assert np.isfinite(surface).all()
