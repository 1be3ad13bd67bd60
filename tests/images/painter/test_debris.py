import numpy as np

from leukoscope.images.painter.canvas import blank
from leukoscope.images.painter.debris import paint_smudge
from leukoscope.images.painter.stain import CHROMATIN


def test_a_smudge_is_pale_and_is_no_cell():
    canvas = blank((120, 120))
    paint_smudge(canvas, np.random.default_rng(1), (60.0, 60.0), 4.0)
    assert 0.05 < canvas.dyes.max() < 0.6 and not canvas.dyes[CHROMATIN].any()
    assert (canvas.dyes.sum(axis=0) > 0.05).sum() > 300
    assert not canvas.mask.any() and not canvas.instances.any() and not canvas.others.any()


def test_beyond_the_edge_there_is_none():
    canvas = blank((40, 40))
    paint_smudge(canvas, np.random.default_rng(1), (-300.0, 60.0), 4.0)
    assert not canvas.dyes.any()
