import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn
from journal_made import about, numbered
from stand_ins import by_trees

from leukoscope.runtime.journal.grids import HIGHEST, maps_row, pack, read_maps, unpack
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal

shapes = st.tuples(st.integers(1, 8), st.integers(1, 9), st.integers(1, 9))
HUGE = float(np.float32(3e38))
grids = hn.arrays(np.float32, shapes, elements=st.floats(-HUGE, HUGE, width=32))


@given(grids)
def test_what_is_read_is_within_half_a_step(maps):
    again = unpack(*pack(maps), maps.shape)
    greatest = np.abs(maps).max(axis=(1, 2), keepdims=True).astype(np.float64)
    bound = np.maximum(greatest / HIGHEST, np.finfo(np.float32).tiny) * 0.51 + greatest * 2e-7
    assert (np.abs(again.astype(np.float64) - maps) <= bound).all()
    assert (again[maps == 0] == 0).all()
    # No sign is turned.
    assert (again * np.sign(maps) >= 0).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_maps_that_are_not_finite_are_not_stored(value, path):
    maps = np.zeros((2, 3, 3), np.float32)
    maps[1, 1, 1] = value
    assert pack(maps) is None
    result = numbered(0)
    reading = result.readings["xincept_all"]
    cams = reading.arrays["cams"].copy()
    cams[0, 0, 0] = value
    reading = replace(reading, arrays={**reading.arrays, "cams": cams})
    with open_journal(path, about()) as journal:
        journal.write(replace(result, readings={"xincept_all": reading}))
    with read_journal(path) as reader:
        assert reader.maps(1) is None and reader.summary().fields == 1


@pytest.mark.parametrize(
    "explained", [numbered(0), by_trees(numbered(0))], ids=["gradcam", "trees"]
)
def test_maps_come_back_with_what_lays_them_on_the_field(explained, path):
    with open_journal(path, about()) as journal:
        journal.write(explained)
    with read_journal(path) as reader:
        stored = reader.maps(1)
    reading, trees = explained.readings["xincept_all"], explained.evidence.trees
    maps = reading.arrays["cams"] if trees is None else trees.maps
    assert stored.network == "xincept_all" and stored.classes == reading.classes
    assert stored.method == explained.evidence.method
    assert stored.placement == reading.placement
    assert np.allclose(stored.maps, maps, atol=np.abs(maps).max() / HIGHEST)
    if trees is None:
        assert stored.even_shares is None
    else:
        assert np.array_equal(stored.even_shares, trees.even_shares)


def test_a_tiled_fields_plane_comes_back():
    result = numbered(0)
    reading = result.readings["xincept_all"]
    placement = replace(reading.placement, plane_px=(160, 96))
    wide = replace(reading, placement=placement)
    assert (
        read_maps(maps_row(replace(result, readings={"xincept_all": wide}))).placement == placement
    )


def test_a_bundle_without_xincept_all_gives_the_other_networks_maps():
    result = numbered(0)
    reading = result.readings["xincept_all"]
    assert maps_row(replace(result, readings={"sg_cldff": reading}))[0] == "sg_cldff"
    assert maps_row(replace(result, readings={})) is None


GOOD = list(maps_row(numbered(0)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (2, '["a"]'), (2, "[]"), (2, "{"), (2, "3"), (3, 0), (3, -6), (3, 5), (3, 1 << 40),
        (3, None), (5, b""), (5, GOOD[5][:-1]), (5, b"\xff" * 16), (6, b"none"), (6, GOOD[6][:-3]),
        (6, zlib.compress(bytes(1 << 20))), (6, None), (7, b"123"), (8, "{}"), (8, "[]"),
        (8, json.dumps({**json.loads(GOOD[8]), "field_px": [1, "2"]})),
    ],
)  # fmt: skip
def test_a_row_that_is_not_ours_is_refused(column, value):
    from leukoscope.runtime.journal.faults import BROKEN_ROW

    row = list(GOOD)
    row[column] = value
    with pytest.raises(BROKEN_ROW):
        read_maps(tuple(row))
