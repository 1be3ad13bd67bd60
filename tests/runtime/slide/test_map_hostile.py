import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walked_slide import cell, window

from leukoscope.runtime.slide.map import SlideMap


@pytest.mark.parametrize("value", [0, 128, 255])
def test_uniform_fields_lie_nowhere_and_may_be_repeats(value):
    chart = SlideMap()
    field = np.full((480, 640, 3), value, np.uint8)
    places = [chart.place(field, [cell(5, 5, 40)]) for _ in range(5)]
    assert [one.island for one in places] == [1, 2, 3, 4, 5]
    assert [one.certain for one in places] == [True, False, False, False, False]
    assert chart.counted() == 5
    assert len(chart._album) == 0


def test_noise_is_new_each_time():
    random, chart = np.random.default_rng(0), SlideMap()
    for number in range(1, 8):
        field = random.integers(0, 256, (480, 640, 3)).astype(np.uint8)
        one = chart.place(field, [])
        assert (one.island, one.certain) == (number, True)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (2000, 32), (32, 2000)])
def test_small_and_narrow_fields(size):
    random, chart = np.random.default_rng(1), SlideMap()
    coarse = random.integers(0, 256, (size[1] // 4 + 1, size[0] // 4 + 1, 3)).astype(np.uint8)
    field = coarse.repeat(4, 0).repeat(4, 1)[: size[1], : size[0]].copy()
    first = chart.place(field, [cell(3, 3, 20)])
    again = chart.place(field, [cell(3, 3, 20)])
    assert first.position_px == (0, 0)
    assert again.island in (1, 2)
    if again.island == 2:
        assert not again.certain


def test_sizes_that_come_and_go():
    chart = SlideMap()
    for size in (
        (640, 480),
        (32, 32),
        (1600, 1200),
        (480, 640),
        (640, 480),
        (100, 900),
        (1600, 1200),
    ):
        one = chart.place(window(0, 0, 0, size), [], um_per_px=None)
        assert np.isfinite(one.position_px).all()
        assert one.px_per_field_px > 0


@pytest.mark.parametrize("um", [1e-9, 1e9])
def test_absurd_scales(um):
    chart = SlideMap()
    chart.place(window(0, 300, 300), [], um_per_px=0.16)
    one = chart.place(window(0, 350, 320), [], um_per_px=um)
    assert one.island == 1


def test_cells_that_hang_over_the_border_or_have_no_size():
    chart = SlideMap()
    boxes = [cell(-20, -20, 60), cell(600, 440, 90), cell(100, 100, 0, 0), cell(100, 100, 40)]
    first = chart.place(window(0, 300, 300), boxes)
    again = chart.place(window(0, 320, 310), [])
    assert first.cell_numbers == (1, 2, 3, 4)
    assert again.cell_numbers == ()


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_any_field_gets_a_place_and_every_cell_one_number(seed):
    random, chart = np.random.default_rng(seed), SlideMap(max_pages=3)
    for _ in range(5):
        width, height = random.integers(32, 700, 2)
        kind = random.integers(3)
        field = (
            np.full((height, width, 3), random.integers(256), np.uint8),
            random.integers(0, 256, (height, width, 3)).astype(np.uint8),
            window(0, *random.integers(0, 400, 2), (int(width), int(height))),
        )[kind]
        cells = [cell(*random.integers(0, 600, 2).tolist(), 40) for _ in range(random.integers(6))]
        one = chart.place(field, cells, um_per_px=random.choice([None, 0.16, 0.3]))
        assert len(one.cell_numbers) == len(one.new) == len(cells)
        assert len(set(one.cell_numbers)) == len(cells)
        assert np.isfinite([*one.position_px, one.px_per_field_px]).all()
        assert min(one.cell_numbers, default=1) >= 1
