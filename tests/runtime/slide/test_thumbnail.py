import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.opencv import cv2
from leukoscope.runtime.slide.thumbnail import Join, Notes, decode, encode, notes_of, with_notes

GREY = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 255, (192, 256)).astype(np.uint8), (0, 0), 2
)
JPEG = encode(GREY)
NOTES = Notes((0.1 + 0.2, -1e-17), 256 / 1920, None, (Join(3, (1 / 3, -2.5)),), ((9, 4), (12, 2)))


def test_notes_come_back_to_the_last_bit_and_the_picture_is_unchanged():
    kept = with_notes(JPEG, NOTES)
    assert notes_of(kept) == NOTES
    assert np.array_equal(decode(kept), decode(JPEG))
    assert len(kept) < 20_000


def test_many_united_cells_take_several_comments():
    many = Notes((0.0, 0.0), 1.0, 0.16, (), tuple((i + 20_000, i) for i in range(20_000)))
    kept = with_notes(JPEG, many)
    assert notes_of(kept) == many
    assert np.array_equal(decode(kept), decode(JPEG))


@pytest.mark.parametrize(
    "bytes_",
    [
        b"",
        b"\xff",
        JPEG,
        JPEG[:2] + b"\xff\xfe",
        with_notes(JPEG, NOTES)[:30],
        b"\xff\xd8\xff\xfe\x00\x00",
    ],
)
def test_notes_that_are_none_are_refused(bytes_):
    with pytest.raises(InputError, match="thumbnail"):
        notes_of(bytes_)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": None},
        {"corner_px": [1]},
        {"corner_px": "ab"},
        {"joins": [[1]]},
        {"same_cells": [[1, 2, 3]]},
        {"picture_px_per_px": None},
        {"picture_px_per_px": 0},
        {"picture_px_per_px": float("nan")},
        {"corner_px": [float("inf"), 0]},
    ],
)
def test_wrong_notes_are_refused(change):
    text = json.loads(with_notes(JPEG, NOTES)[6:].split(b"]]}")[0] + b"]]}") | change
    comment = json.dumps(text).encode()
    with pytest.raises(InputError, match="notes"):
        notes_of(b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + JPEG[2:])


@pytest.mark.parametrize(
    "bytes_", [b"", b"junk", JPEG[:40], encode(np.zeros((300, 300), np.uint8))]
)
def test_pictures_that_are_none_are_refused(bytes_):
    with pytest.raises(InputError, match="thumbnail"):
        decode(bytes_)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(junk):
    for bytes_ in (junk, b"\xff\xd8\xff\xfe" + junk):
        with pytest.raises(InputError):
            notes_of(bytes_)
