import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_encoders import (
    orientation_block,
    png_chunk,
    png_of_size,
    tiff,
    with_jpeg_exif,
    with_png_chunk,
)

from leukoscope.images.file_header import FileHeader, HeaderError, exif_orientation, read_header
from leukoscope.images.opencv import cv2

PIXELS = np.random.default_rng(5).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def encode(suffix: str, *options: int) -> bytes:
    return cv2.imencode(suffix, PIXELS, options)[1].tobytes()


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".jpg", "JPEG"), (".png", "PNG"), (".bmp", "BMP"), (".tif", "TIFF")]
)
def test_kind_and_size(suffix, kind):
    assert read_header(encode(suffix)) == FileHeader(kind, 60, 40)


@pytest.mark.parametrize(
    "options",
    [
        (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        (cv2.IMWRITE_JPEG_OPTIMIZE, 1),
        (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    ],
)
def test_all_kinds_of_jpeg(options):
    data = encode(".jpg", *options)
    assert read_header(data) == FileHeader("JPEG", 60, 40)
    with pytest.raises(HeaderError, match="no JPEG end-of-image"):
        read_header(data[:-2])


def test_fill_bytes_between_jpeg_segments():
    data = encode(".jpg")
    assert read_header(data[:2] + b"\xff" * 5 + data[2:]).width_px == 60


def test_a_jpeg_that_ends_before_its_scan_is_refused():
    data = encode(".jpg")
    for end in (2, data.index(b"\xff\xda")):
        with pytest.raises(HeaderError, match="end-of-image"):
            read_header(data[:end] + b"\xff\xd9" * 2)


def test_a_jpeg_segment_that_claims_too_much():
    data = with_jpeg_exif(encode(".jpg"), b"")
    with pytest.raises(HeaderError, match="segment is cut"):
        read_header(data[:4] + b"\xff\xff" + data[6:])


def test_the_frame_size_is_the_frames_and_not_the_thumbnails():
    thumbnail = cv2.imencode(".jpg", PIXELS[:8, :8])[1].tobytes()
    data = with_jpeg_exif(encode(".jpg"), orientation_block(6) + thumbnail)
    assert read_header(data) == FileHeader("JPEG", 60, 40, orientation=6)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(order, orientation):
    assert exif_orientation(orientation_block(orientation, order)) == orientation
    block = png_chunk(b"eXIf", orientation_block(orientation, order))
    assert read_header(with_png_chunk(encode(".png"), block)).orientation == orientation


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_other_orientations_are_none(value):
    assert exif_orientation(orientation_block(value)) == 1


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"II*\0" + rest))
def test_any_exif_block_has_an_orientation(block):
    assert 1 <= exif_orientation(block) <= 8


def test_png_sizes_come_before_the_pixels():
    assert read_header(png_of_size(50000, 40000)) == FileHeader("PNG", 50000, 40000)


def test_a_png_without_a_header_chunk_is_refused():
    with pytest.raises(HeaderError, match="truncated"):
        read_header(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IEND", b""))


@pytest.mark.parametrize("height", [40, -40])
def test_bmp_rows_may_run_downwards(height):
    rows = bytes(60 * 3 * 40)
    info = struct.pack("<IiiHHI", 40, 60, height, 1, 24, 0) + bytes(20)
    data = b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + info + rows
    assert read_header(data) == FileHeader("BMP", 60, 40)
    with pytest.raises(HeaderError, match="BMP rows are missing"):
        read_header(data[:-1])


def test_the_old_bmp_header():
    rows = bytes(60 * 3 * 40)
    data = b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26)
    data += struct.pack("<IHHHH", 12, 60, 40, 1, 24) + rows
    assert read_header(data) == FileHeader("BMP", 60, 40)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (60, 40)), (3, (60, 40)), (5, (40, 60)), (8, (40, 60))]
)
def test_a_tiff_is_turned_by_its_decoder(orientation, size):
    assert read_header(tiff(PIXELS, orientation)) == FileHeader("TIFF", *size)


@pytest.mark.parametrize(
    ("extra", "depth", "premultiplied"),
    [(0, 8, False), (1, 8, True), (2, 8, True), (1, 16, True), (2, 16, False), (0, 16, False)],
)
def test_which_tiffs_come_multiplied_by_their_alpha(extra, depth, premultiplied):
    pixels = np.zeros((40, 60, 4), np.uint8 if depth == 8 else np.uint16)
    assert read_header(tiff(pixels, extra=extra)).premultiplied is premultiplied


def test_a_tiff_whose_strips_are_cut():
    data = tiff(PIXELS)
    moved = data.replace(
        struct.pack("<HHII", 279, 4, 1, 7200), struct.pack("<HHII", 279, 4, 1, 9999)
    )
    with pytest.raises(HeaderError, match="strips are missing"):
        read_header(moved)


@settings(max_examples=300)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b""]),
    st.binary(max_size=200),
)
def test_any_bytes_have_a_header_or_a_cause(start, rest):
    try:
        header = read_header(start + rest)
    except HeaderError as cause:
        assert str(cause).startswith("it is ")
    else:
        assert 1 <= header.orientation <= 8
