import numpy as np
import pytest
from growing.sweep import Sweep, growth_of, measure
from timing.turns import Plan


def test_linear_growth_with_a_constant_part():
    sizes = (1, 2, 4, 8.0)
    found = growth_of("a", "cells", {size: np.full(5, 3 + 2 * size) for size in sizes})
    assert 0.4 < found.exponent.value < 1
    assert found.exponent.value < found.last_step.value < 1
    assert {size: one.value for size, one in found.ms.items()} == {1: 5, 2: 7, 4: 11, 8: 19}


@pytest.mark.parametrize("power", [0, 1, 2])
def test_a_power_is_found(power):
    found = growth_of("a", "cells", {size: np.full(5, 2.0 * size**power) for size in (1.5, 3, 6)})
    assert found.exponent.value == pytest.approx(power, abs=1e-9)
    assert found.last_step.value == pytest.approx(power, abs=1e-9)


def test_every_size_is_called(monkeypatch):
    asked = []
    ways = {size: lambda _, size=size: asked.append(size) for size in (1, 4, 16)}
    found = measure(Sweep("a", "frames", ways), Plan(2, 1, warm_up=0))
    assert sorted(asked) == [1, 1, 1, 4, 4, 4, 16, 16, 16]
    assert list(found.ms) == [1, 4, 16]
    assert found.to_json()["ms"]["16"]["n"] == 2
