import pytest

from leukoscope.errors import InputError
from leukoscope.images.painter.slide_densities import Densities


@pytest.mark.parametrize(
    "wrong",
    [{"cells": 99.0}, {"touching": 1.01}, {"overlapping": -0.1}, {"clumps": float("nan")}],
)
def test_densities_out_of_bounds_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Densities(**wrong)
