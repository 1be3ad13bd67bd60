from dataclasses import replace

import numpy as np
import pytest
from walked_slide import Camera, cell, cells_at, remembered, walk, window

from leukoscope.errors import InputError, UsageError
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.slide.picture import reduce
from leukoscope.runtime.slide.thumbnail import encode


def views(seed, fields, jumps=0.3):
    camera = Camera(seed)
    scales = np.random.default_rng(seed).uniform(0.15, 0.17, fields)
    return [
        (camera(window(seed, x, y)), cells_at(seed, x, y)[0], float(um))
        for (x, y), um in zip(walk(seed, fields, jumps), scales, strict=True)
    ]


def placed(chart, shots):
    entries = []
    for field, cells, um in shots:
        entries.append(remembered(chart, chart.place(field, cells, um_per_px=um), cells))
    return entries


@pytest.mark.parametrize(
    ("seed", "max_pages", "cut"), [(0, 2000, 9), (1, 2000, 1), (2, 6, 12), (3, 3, 17)]
)
def test_a_restored_map_goes_on_as_if_nothing_had_happened(seed, max_pages, cut):
    shots = views(seed, 20)
    whole, broken, again = (SlideMap(max_pages=max_pages) for _ in range(3))
    expected = placed(whole, shots)
    before = placed(broken, shots[:cut])
    again.restore(before)
    after = placed(again, shots[cut:])
    assert [(one.on_slide, one.thumbnail) for one in [*before, *after]] == [
        (one.on_slide, one.thumbnail) for one in expected
    ]
    assert again.counted() == whole.counted()
    assert dict(again.merged) == dict(whole.merged)


def test_joins_are_restored():
    corners = [(100, 300), (860, 300), (480, 300), (700, 320)]
    shots = [(window(0, *at), cells_at(0, *at)[0], None) for at in corners]
    whole, again = SlideMap(), SlideMap()
    expected = placed(whole, shots)
    assert expected[2].on_slide.joined == (2,)
    again.restore(expected[:3])
    assert again.counted() == whole.counted()
    assert placed(again, shots[3:])[0].on_slide == expected[3].on_slide


def test_a_field_whose_thumbnail_was_not_kept_costs_no_numbers():
    shots = views(0, 8, jumps=0)
    whole, again = SlideMap(), SlideMap()
    entries = placed(whole, shots[:6])
    entries[0] = replace(entries[0], thumbnail=None)
    entries[3] = replace(entries[3], thumbnail=None)
    again.restore(entries)
    assert again.counted() == whole.counted()
    for one in placed(again, shots[6:]):
        given = one.on_slide
        fresh = [number for number, new in zip(given.cell_numbers, given.new, strict=True) if new]
        assert all(number > whole.counted() for number in fresh)


def test_only_an_empty_map_is_restored():
    chart = SlideMap()
    entries = placed(chart, views(0, 1))
    with pytest.raises(UsageError, match="already holds 1"):
        chart.restore(entries)


def test_entries_that_do_not_fit_are_refused():
    entry = placed(SlideMap(), views(0, 1))[0]
    bare = encode(reduce(window(0, 0, 0), 0.4))
    for wrong in (
        replace(entry, boxes_px=()),
        replace(entry, thumbnail=b""),
        replace(entry, thumbnail=bare),
        replace(entry, thumbnail=entry.thumbnail[:-9000]),
        replace(entry, thumbnail=entry.thumbnail[:40]),
    ):
        with pytest.raises(InputError):
            SlideMap().restore([wrong])


def test_nothing_to_restore():
    chart = SlideMap()
    chart.restore([])
    assert chart.counted() == 0


def test_cells_that_became_one_stay_one():
    """As in test_map: both islands hold the cell, the third field joins them."""
    fields = [(100, [cell(585, 200, 50)]), (680, [cell(5, 200, 50)]), (420, [cell(265, 200, 50)])]
    shots = [(window(0, x, 300), cells, None) for x, cells in fields]
    whole, again = SlideMap(), SlideMap()
    entries = placed(whole, shots)
    assert entries[2].on_slide.same_cells == ((2, 1),)
    again.restore(entries)
    assert again.counted() == whole.counted() == 1
    assert dict(again.merged) == {2: 1}
    assert placed(again, shots[1:2])[0].on_slide.cell_numbers == (1,)
