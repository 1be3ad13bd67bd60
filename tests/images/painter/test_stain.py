import numpy as np
import pytest

from leukoscope.images.painter.stain import (
    CHROMATIN,
    DYES,
    LABORATORIES,
    Stain,
    develop,
    draw_stain,
)


def test_one_unit_of_a_dye_has_the_laboratorys_colour():
    for laboratory in LABORATORIES:
        stain = Stain(np.array(laboratory.ground, float), laboratory.densities())
        dyes = np.eye(DYES, dtype=np.float32)[:, None, :]
        assert np.allclose(develop(dyes, stain)[0], laboratory.dyes, atol=0.01)


def test_nothing_on_the_glass_is_the_ground():
    stain = draw_stain(np.random.default_rng(1))
    assert np.allclose(develop(np.zeros((DYES, 2, 3), np.float32), stain), stain.ground)


def test_layers_multiply():
    stain = draw_stain(np.random.default_rng(1))
    dyes = np.zeros((DYES, 1, 3), np.float32)
    dyes[CHROMATIN, 0] = 0.2, 0.3, 0.5
    light = develop(dyes, stain)[0] / stain.ground
    assert np.allclose(light[0] * light[1], light[2], rtol=1e-5)


@pytest.mark.parametrize("laboratory", [None, *range(len(LABORATORIES))])
def test_stains_are_dyes_and_differ(laboratory):
    stains = [draw_stain(np.random.default_rng(seed), laboratory) for seed in range(20)]
    for stain in stains:
        assert (stain.ground >= 30).all() and (stain.ground <= 255).all()
        assert stain.densities.shape == (DYES, 3) and (stain.densities > -0.1).all()
        assert stain.densities[CHROMATIN].sum() > 0.8
    assert np.std([stain.densities for stain in stains], axis=0).mean() > 0.02
