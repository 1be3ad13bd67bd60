import dataclasses

import numpy as np

from leukoscope.images.painter.canvas import blank
from leukoscope.images.painter.red_cells import RedCellStyle, draw_style, paint_red_cell
from leukoscope.images.painter.stain import HAEMOGLOBIN

PLAIN = RedCellStyle(
    pallor=0.7, pallor_width=0.55, pallor_edge=1.8, rim=0.2, density=1.0,
    unevenness=0.0, spiky_share=0.0, spread=0.05,
)  # fmt: skip


def painted(style=PLAIN, seed=1, at=(40.0, 40.0), canvas=None):
    canvas = canvas or blank((80, 80))
    paint_red_cell(canvas, np.random.default_rng(seed), style, at, 20.0)
    return canvas


def test_a_red_cell_has_a_pale_middle_and_no_truth():
    canvas = painted()
    plane = canvas.dyes[HAEMOGLOBIN]
    assert plane[40, 40] < 0.6 * plane[40, 54] and plane[2, 2] == 0
    assert not canvas.dyes[1:].any() and not canvas.mask.any() and not canvas.others.any()


def test_without_pallor_it_is_an_even_disc():
    flat = dataclasses.replace(PLAIN, pallor=0.0, rim=0.0)
    plane = painted(flat).dyes[HAEMOGLOBIN]
    assert np.ptp(plane[35:46, 35:46]) < 1e-6
    assert abs((plane > plane.max() / 2).sum() / (np.pi * 400) - 1) < 0.1


def test_cells_above_each_other_are_darker_than_either_but_not_their_sum():
    flat = dataclasses.replace(PLAIN, pallor=0.0, rim=0.0)
    canvas = painted(flat, at=(35.0, 40.0))
    alone = canvas.dyes[HAEMOGLOBIN][40, 42]
    both = painted(flat, at=(50.0, 40.0), canvas=canvas).dyes[HAEMOGLOBIN]
    assert alone < both[40, 42] < alone + both[40, 65]


def test_spikes():
    def roughness(style):
        plane = painted(style, seed=3).dyes[HAEMOGLOBIN] > 0.1
        return (plane[1:] != plane[:-1]).sum() + (plane[:, 1:] != plane[:, :-1]).sum()

    assert roughness(dataclasses.replace(PLAIN, spiky_share=1.0)) > roughness(PLAIN)


def test_styles_differ():
    styles = [dataclasses.astuple(draw_style(np.random.default_rng(s))) for s in range(20)]
    assert np.std(styles, axis=0).min() > 0


def test_a_cell_beside_the_field_paints_nothing():
    assert not painted(at=(-200.0, 10.0)).dyes.any()
