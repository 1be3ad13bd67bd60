import numpy as np

from leukoscope.images.painter.canvas import blank
from leukoscope.images.painter.platelets import paint_platelet
from leukoscope.images.painter.stain import AZURE, HAEMOGLOBIN


def painted(at, seed=1):
    canvas = blank((60, 60))
    paint_platelet(canvas, np.random.default_rng(seed), at, 8.0, px_per_um=5.0, number=7)
    return canvas


def test_a_platelet_is_purple_small_and_no_white_cell():
    for seed in range(8):
        canvas = painted((30.0, 30.0), seed)
        inside = canvas.others == 7
        assert 0.6 * np.pi * 64 < inside.sum() < 1.6 * np.pi * 64
        assert canvas.dyes[AZURE][inside].mean() > 3 * canvas.dyes[AZURE][~inside].mean()
        assert not canvas.mask.any() and not canvas.instances.any()
        assert not canvas.other_nuclei.any() and not canvas.dyes[HAEMOGLOBIN].any()


def test_its_middle_is_granular_and_denser_than_its_edge():
    planes = [painted((30.0, 30.0), seed).dyes[AZURE] for seed in range(10)]
    middle = np.mean([plane[28:33, 28:33].mean() for plane in planes])
    edge = np.mean([plane[30, 36:38].mean() for plane in planes])
    assert middle > 1.2 * edge


def test_beyond_the_edge_there_is_none():
    assert not painted((-90.0, 5.0)).others.any()
