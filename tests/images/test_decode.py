import os
import struct

import cv2
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

from leukoscope.errors import InputError
from leukoscope.images import decode
from leukoscope.images.decode import decode_image, orient, read_bytes, read_image, read_mask

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (40, 60, 3), dtype=np.uint8)
SMOOTH = np.dstack([np.tile(np.linspace(20, 200, 60), (40, 1))] * 3).astype(np.uint8)
SMOOTH[:20, :30] = (220, 40, 40)


def encode(suffix: str, pixels: np.ndarray, *options: int) -> bytes:
    """By OpenCV's writer, colours given as RGB(A)."""
    if pixels.ndim == 3:
        pixels = pixels[:, :, [2, 1, 0, 3][: pixels.shape[2]]]
    return cv2.imencode(suffix, np.ascontiguousarray(pixels), list(options))[1].tobytes()


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """The EXIF standard's own words: which side of the scene are row 0 and column 0 of the stored picture."""
    turns = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: lambda p: np.rot90(p, 1),
    }
    return turns[orientation](stored)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_lossless_files_give_their_rgb_pixels(suffix):
    image = decode_image(encode(suffix, RGB), "a")
    assert image.dtype == np.uint8 and image.flags.c_contiguous
    np.testing.assert_array_equal(image, RGB)


def test_jpeg_channels_are_rgb():
    image = decode_image(encode(".jpg", SMOOTH), "a")
    np.testing.assert_allclose(image[5, 5], (220, 40, 40), atol=6)


@pytest.mark.parametrize("progressive", [0, 1])
def test_jpeg_is_what_opencv_decodes(progressive):
    data = encode(".jpg", RGB, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive)
    wanted = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    np.testing.assert_array_equal(decode_image(data, "a"), wanted)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".jpg"])
def test_grey_is_replicated(suffix):
    grey = SMOOTH[:, :, 0]
    image = decode_image(encode(suffix, grey), "a")
    assert image.shape == (40, 60, 3)
    assert (image == image[:, :, :1]).all()
    if suffix != ".jpg":
        np.testing.assert_array_equal(image[:, :, 0], grey)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_are_divided_by_257_to_the_nearest(suffix):
    deep = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    wanted = np.rint(deep / 257).astype(np.uint8)
    np.testing.assert_array_equal(decode_image(encode(suffix, deep), "a")[:, :, 1], wanted)
    exact = np.stack([deep // 256 * 257] * 3, axis=2).astype(np.uint16)
    np.testing.assert_array_equal(decode_image(encode(suffix, exact), "a"), exact // 257)


def on_white(rgb, alpha):
    share = alpha[:, :, None] / 255
    return rgb * share + 255 * (1 - share)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("writer", ["png", "tiff straight", "tiff premultiplied"])
def test_alpha_is_composed_on_white(writer, depth):
    rgba = RNG.integers(0, 256, (64, 64, 4), dtype=np.uint8)
    rgba[:8, :, 3], rgba[8:16, :, 3] = 0, 255
    stored = rgba.copy()
    if writer == "tiff premultiplied":
        stored[:, :, :3] = np.rint(rgba[:, :, :3] * (rgba[:, :, 3:] / 255))
    if depth == 16:
        stored = stored.astype(np.uint16) * 257
    extra = {"tiff straight": 2, "tiff premultiplied": 1}.get(writer)
    data = encode(".png", stored) if writer == "png" else tiff(stored, extra=extra)
    image = decode_image(data, "a").astype(float)
    tolerance = 0.5 if writer == "png" else 1.0  # libtiff or the file rounds once more
    np.testing.assert_allclose(
        image, on_white(rgba[:, :, :3], rgba[:, :, 3]), atol=tolerance + 1e-6
    )
    np.testing.assert_array_equal(image[:8], 255)
    np.testing.assert_array_equal(image[8:16], rgba[8:16, :, :3])


def test_transparency_of_one_colour_is_white_too():
    png = encode(".png", RGB)
    colour = struct.pack(">HHH", *map(int, RGB[0, 0]))
    image = decode_image(with_png_chunk(png, png_chunk(b"tRNS", colour)), "a")
    np.testing.assert_array_equal(image[0, 0], 255)
    different = (RGB - RGB[0, 0]).any(axis=2)
    np.testing.assert_array_equal(image[different], RGB[different])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["jpg", "png", "tiff", "tiff 16"])
def test_exif_orientation_is_obeyed(kind, orientation, order):
    block = orientation_block(orientation, order)
    if kind == "jpg":
        plain = encode(".jpg", SMOOTH)
        data, stored = with_jpeg_exif(plain, block), decode_image(plain, "a")
    elif kind == "png":
        data, stored = with_png_chunk(encode(".png", RGB), png_chunk(b"eXIf", block)), RGB
    else:
        pixels = RGB if kind == "tiff" else RGB.astype(np.uint16) * 257
        data, stored = tiff(pixels, orientation, order=order), RGB
    image = decode_image(data, "a")
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(image, upright(stored, orientation))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orient_turns_masks_alike(orientation):
    np.testing.assert_array_equal(
        orient(RGB[:, :, 0], orientation), upright(RGB, orientation)[:, :, 0]
    )


@pytest.mark.parametrize(
    "block", [b"", b"II", b"II*\0", orientation_block(0), orientation_block(9)]
)
def test_nonsense_in_exif_is_no_orientation(block):
    plain = encode(".jpg", SMOOTH)
    image = decode_image(with_jpeg_exif(plain, block), "a")
    np.testing.assert_array_equal(image, decode_image(plain, "a"))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.66, 0.95])
def test_truncated_files_are_refused(suffix, kept, capfd):
    data = encode(suffix, RGB)
    with pytest.raises(InputError, match=r"cells\.x cannot be decoded: .*truncated"):
        decode_image(data[: int(len(data) * kept)], "cells.x")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_without_its_end_marker_is_truncated(lost):
    with pytest.raises(InputError, match="no JPEG end-of-image"):
        decode_image(encode(".jpg", RGB)[:-lost], "a")


def test_a_thumbnails_end_marker_does_not_count():
    thumbnail = encode(".jpg", RGB[:8, :8])
    data = with_jpeg_exif(encode(".jpg", RGB), orientation_block(1) + thumbnail)
    decode_image(data, "a")
    with pytest.raises(InputError, match="truncated"):
        decode_image(data[:-400], "a")


def test_bytes_behind_the_end_are_passed_over():
    for suffix in (".jpg", ".png"):
        data = encode(suffix, RGB)
        np.testing.assert_array_equal(decode_image(data + b"\0" * 99, "a"), decode_image(data, "a"))


def test_a_flipped_bit_in_a_png_is_found():
    data = bytearray(encode(".png", RGB))
    data[len(data) // 2] ^= 4
    with pytest.raises(InputError, match="checksum"):
        decode_image(bytes(data), "a")


@pytest.mark.parametrize(("width", "height"), [(1, 1), (31, 200), (200, 31), (31, 31)])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
def test_small_sides_are_refused_by_name(width, height, suffix):
    with pytest.raises(InputError, match=rf"tiny is {width} x {height} px; .*32 px"):
        decode_image(encode(suffix, np.zeros((height, width, 3), np.uint8)), "tiny")


def test_32_px_are_enough():
    assert decode_image(encode(".png", RGB[:32, :32]), "a").shape == (32, 32, 3)


def test_absurd_sizes_are_refused_before_they_are_decoded(monkeypatch):
    monkeypatch.setattr(decode, "cv2", None)
    with pytest.raises(InputError, match=r"50000 x 40000 px; .*268435456 pixels"):
        decode_image(png_of_size(50000, 40000), "bomb")


def test_a_png_that_holds_less_than_it_claims_is_damaged():
    with pytest.raises(InputError, match="PNG data are damaged"):
        decode_image(png_of_size(60, 40), "a")


@pytest.mark.parametrize(
    "data", [b"image,label\n", b"\0" * 500, b"GIF89a" + b"\0" * 99, b"RIFF\0\0\0\0WEBPVP8 "]
)
def test_what_is_no_image_is_refused(data):
    with pytest.raises(InputError, match="not a JPEG, PNG, BMP or TIFF image"):
        decode_image(data, "a.jpg")


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (tiff(RGB[:, :, 0].astype(np.float32)), "float32 values"),
        (tiff(RGB[:, :, :2]), "2 channels|damaged"),
        (b"II+\0" + b"\0" * 99, "BigTIFF"),
    ],
)
def test_kinds_of_tiff_that_are_not_read(data, match):
    with pytest.raises(InputError, match=match):
        decode_image(data, "a")


VALID = {
    "jpg": with_jpeg_exif(encode(".jpg", SMOOTH), orientation_block(6)),
    "png": with_png_chunk(encode(".png", SMOOTH), png_chunk(b"eXIf", orientation_block(8))),
    "bmp": encode(".bmp", SMOOTH),
    "tif": tiff(SMOOTH, 5),
    "tif lzw": encode(".tif", SMOOTH),
}


def decoded_or_refused(data: bytes) -> None:
    try:
        image = decode_image(data, "hostile")
    except InputError as error:
        assert "hostile" in str(error)
    else:
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
        assert min(image.shape[:2]) >= decode.MIN_SIDE_PX


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(VALID)), st.data())
def test_hostile_bytes_are_decoded_or_refused(kind, draw):
    data = bytearray(VALID[kind])
    places = st.one_of(st.integers(0, min(300, len(data)) - 1), st.integers(0, len(data) - 1))
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(places)] = draw.draw(st.integers(0, 255))
    decoded_or_refused(bytes(data[: draw.draw(st.integers(1, len(data)) | st.just(len(data)))]))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b""]),
    st.binary(max_size=400),
)
def test_any_bytes_are_decoded_or_refused(start, rest):
    decoded_or_refused(start + rest)


def test_read_image_names_the_file(tmp_path):
    (tmp_path / "a.png").write_bytes(encode(".png", RGB))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RGB)
    (tmp_path / "notes.jpg").write_text("these are notes")
    with pytest.raises(InputError, match=r"notes\.jpg cannot be decoded: it is not"):
        read_image(tmp_path / "notes.jpg")


def test_read_bytes_refuses_what_cannot_be_read(tmp_path):
    (tmp_path / "empty.png").touch()
    with pytest.raises(InputError, match=r"no such file: .*absent\.png"):
        read_bytes(tmp_path / "absent.png")
    with pytest.raises(InputError, match=r"empty\.png is empty"):
        read_bytes(tmp_path / "empty.png")
    with pytest.raises(InputError, match="is not a file"):
        read_bytes(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match=r"pipe\.png is not a file"):
        read_bytes(tmp_path / "pipe.png")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root reads everything; to run it: make test as a user"
)
def test_a_file_without_permission_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(InputError, match=r"a\.png cannot be read: Permission denied"):
        read_bytes(tmp_path / "a.png")


MASK = RNG.choice(np.array([0, 128, 255], np.uint8), (40, 60))


def test_mask_codes_become_indices(tmp_path):
    (tmp_path / "m.png").write_bytes(encode(".png", MASK))
    mask = read_mask(tmp_path / "m.png", (60, 40))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, np.searchsorted([0, 128, 255], MASK))


def test_a_mask_stored_as_rgb_is_read(tmp_path):
    (tmp_path / "m.png").write_bytes(encode(".png", np.repeat(MASK[:, :, None], 3, axis=2)))
    np.testing.assert_array_equal(
        read_mask(tmp_path / "m.png"), np.searchsorted([0, 128, 255], MASK)
    )


def test_a_mask_is_turned_as_its_image_is(tmp_path):
    block = png_chunk(b"eXIf", orientation_block(6))
    (tmp_path / "m.png").write_bytes(with_png_chunk(encode(".png", MASK), block))
    wanted = np.searchsorted([0, 128, 255], np.rot90(MASK, -1))
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png", (40, 60)), wanted)


@pytest.mark.parametrize(
    ("pixels", "match"),
    [
        (np.full((40, 60), 127, np.uint8), r"m\.png holds the grey levels 127; wanted only 0"),
        (np.arange(2400, dtype=np.uint8).reshape(40, 60), "1, 2, 3, 4, 5 and 248 more"),
        (RGB, "not 8-bit grey"),
        (MASK.astype(np.uint16) * 257, "not 8-bit grey"),
        (np.zeros((40, 61), np.uint8), r"m\.png is 61 x 40 px; .* 60 x 40 px"),
    ],
)
def test_other_masks_are_refused(tmp_path, pixels, match):
    (tmp_path / "m.png").write_bytes(encode(".png", pixels))
    with pytest.raises(InputError, match=match):
        read_mask(tmp_path / "m.png", (60, 40))


def test_real_images_of_every_set_are_read(shared_data):
    for path in sorted(shared_data.glob("*/*/*0[15].*g")):
        if path.parent.name == "masks":
            assert set(np.unique(read_mask(path))) <= {0, 1, 2}
        else:
            assert read_image(path).shape[2] == 3
