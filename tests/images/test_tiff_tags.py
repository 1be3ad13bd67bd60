import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_encoders import tiff

from leukoscope.images.opencv import cv2
from leukoscope.images.tiff_tags import IMAGE_WIDTH, ORIENTATION, TagsError, TiffTags

PIXELS = np.random.default_rng(5).integers(0, 256, (200, 300, 3), dtype=np.uint8)


def directory(*entries: bytes) -> bytes:
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
def test_values_in_both_byte_orders(order):
    tags = TiffTags(tiff(PIXELS, orientation=6, order=order))
    assert tags.first(IMAGE_WIDTH, 0) == 300
    assert tags.first(ORIENTATION, 1) == 6
    assert tags.values(258) == (8, 8, 8)
    assert tags.strip_offsets == (8,) and tags.strip_bytes == (PIXELS.size,)


def test_strips_written_by_opencv():
    data = cv2.imencode(".tif", PIXELS)[1].tobytes()
    tags = TiffTags(data)
    assert len(tags.strip_offsets) == len(tags.strip_bytes) > 1
    ends = [start + size for start, size in zip(tags.strip_offsets, tags.strip_bytes, strict=True)]
    assert max(ends) <= len(data)


def test_absent_tags_and_other_types():
    tags = TiffTags(directory(struct.pack("<HHIf", 282, 11, 1, 72.0)))
    assert tags.values(282) == () and tags.values(999) == () and tags.first(999, 7) == 7


def test_tiles_stand_in_for_strips():
    offset = struct.pack("<HHII", 324, 4, 1, 100)
    size = struct.pack("<HHII", 325, 4, 1, 50)
    tags = TiffTags(directory(offset, size))
    assert (tags.strip_offsets, tags.strip_bytes) == ((100,), (50,))


def test_the_first_of_two_entries_counts():
    entries = [struct.pack("<HHIHH", ORIENTATION, 3, 1, value, 0) for value in (6, 8)]
    assert TiffTags(directory(*entries)).first(ORIENTATION, 1) == 6


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "byte order"),
        (b"XX*\0" + bytes(8), "byte order"),
        (b"II+\0" + bytes(8), "version 42"),
        (b"II*\0", "cut"),
        (b"II*\0\xff\xff\xff\xff", "cut"),
        (b"II*\0\x08\0\0\0\xff\xff", "cut"),
    ],
)
def test_damaged_directories_are_refused(data, match):
    with pytest.raises(TagsError, match=match):
        TiffTags(data)


@pytest.mark.parametrize(("count", "match"), [(2**31, "claims 2147483648 values"), (900, "cut")])
def test_values_beyond_the_data_are_refused(count, match):
    tags = TiffTags(directory(struct.pack("<HHII", 273, 4, count, 8)))
    with pytest.raises(TagsError, match=match):
        tags.values(273)


@settings(max_examples=300)
@given(st.binary(max_size=120), st.integers(0, 2**16 - 1))
def test_any_bytes_have_tags_or_are_refused(rest, tag):
    try:
        values = TiffTags(b"II*\0" + rest).values(tag)
    except TagsError:
        return
    assert all(isinstance(value, int) for value in values)
