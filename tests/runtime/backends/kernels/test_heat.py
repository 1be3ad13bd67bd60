"""The kernel's arithmetic, run on the processor, against OpenCV and NumPy."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import host_kernel

from leukoscope.runtime.backends.kernels.heat import SOURCE, draw_on_host, enlarge

EDGE = 1e-3
"""Of one of 256 colours: so near to the edge between two, the last bit decides."""
SHAPES = [(96, 3, 3), (96, 12, 12), (224, 7, 7), (299, 8, 8), (299, 10, 17), (120, 1, 1), (97, 97, 97), (40, 60, 50)]  # fmt: skip


@pytest.fixture(scope="module")
def library(request, tmp_path_factory):
    if not shutil.which("c++"):
        plugins = request.config.pluginmanager.get_plugins()
        rule = next(plugin for plugin in plugins if hasattr(plugin, "skip_or_fail"))
        rule.skip_or_fail("kernel", "no C++ compiler", "apt-get install g++")
    return host_kernel.build(tmp_path_factory.mktemp("heat"))


def example(side, height, width, seed=0, frames=1, classes=1):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (frames, side, side, 3), np.uint8)
    return images, rng.gamma(0.8, 1.0, (frames * classes, height, width)).astype(np.float32)


def doubtful(grid, side, high):
    """Pixels whose heat is on the edge between two colours."""
    levels = np.clip(enlarge(grid, side).astype(np.float64) / high, 0, 1) * 255
    return np.abs(levels - np.floor(levels) - 0.5) < EDGE


def differences(found, wanted):
    return np.abs(found.astype(int) - wanted.astype(int)).max(axis=-1)


@pytest.mark.parametrize(("side", "height", "width"), SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_pixels_are_those_of_the_processor_within_one_grey_level(
    library, side, height, width, seed
):
    images, maps = example(side, height, width, seed)
    high = float(enlarge(maps[0], side).max())
    found = host_kernel.draw(library, images, maps, 0, 0, high)[0]
    apart = differences(found, draw_on_host(images[0], maps[0], high))
    clear = ~doubtful(maps[0], side, high)
    assert clear.mean() > 0.99
    assert apart[clear].max() <= 1
    assert (apart > 1).mean() < 1e-3


def test_the_frame_and_the_class_that_are_asked_for(library):
    images, maps = example(96, 6, 5, frames=3, classes=4)
    found = host_kernel.draw(library, images, maps, 2, 9, 2.0)
    assert not found[:2].any()
    clear = ~doubtful(maps[9], 96, 2.0)
    assert differences(found[2], draw_on_host(images[2], maps[9], 2.0))[clear].max() <= 1


@pytest.mark.parametrize(
    "value", [0.0, -1.0, np.float32(1e-30)], ids=["zero", "negative", "tiniest"]
)
def test_a_map_without_heat_leaves_the_frame_as_it_is(library, value):
    images, maps = example(96, 4, 4)
    maps[:] = value
    found = host_kernel.draw(library, images, maps, 0, 0, 1.0)
    np.testing.assert_array_equal(found, images)
    np.testing.assert_array_equal(draw_on_host(images[0], maps[0], 1.0), images[0])


def test_nothing_is_highest_where_nothing_is_high(library):
    images, maps = example(96, 4, 4)
    np.testing.assert_array_equal(host_kernel.draw(library, images, maps, 0, 0, 0.0), images)
    np.testing.assert_array_equal(draw_on_host(images[0], maps[0], 0.0), images[0])


def test_heat_beyond_the_highest_looks_like_it(library):
    images, maps = example(96, 4, 4)
    maps[:] = 5
    found = host_kernel.draw(library, images, maps, 0, 0, 2.0)
    np.testing.assert_array_equal(found, host_kernel.draw(library, images, maps, 0, 0, 5.0))
    assert differences(found[0], draw_on_host(images[0], maps[0], 5.0)).max() <= 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(pixel + 0.5)", "(pixel + 0.0)"),
        ("x.weight), y.weight", "x.weight), x.weight"),
        ("heat, 255.0f", "heat, 250.0f"),
        ("__fadd_rn(heat, -clear_below)", "__fadd_rn(heat, clear_below)"),
        ("(size_t)plane * height", "(size_t)(plane - 1) * height"),
    ],
)
def test_a_wrong_kernel_is_seen(tmp_path, library, right, wrong):
    text = SOURCE.read_text(encoding="utf-8")
    assert text.count(right) == 1
    (tmp_path / "heat.cu").write_text(text.replace(right, wrong), encoding="utf-8")
    spoilt = host_kernel.build(tmp_path, tmp_path / "heat.cu")
    images, maps = example(96, 12, 10, frames=2, classes=2)
    found = host_kernel.draw(spoilt, images, maps, 1, 2, 2.0)[1]
    clear = ~doubtful(maps[2], 96, 2.0)
    assert differences(found, draw_on_host(images[1], maps[2], 2.0))[clear].max() > 1
