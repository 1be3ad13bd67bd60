"""What an image file says about itself before it is decoded: kind, size, orientation, and whether it is whole.

OpenCV decodes a truncated JPEG into a half-grey picture and only warns, and allocates before it judges a size.
So JPEG markers, PNG chunks, BMP and TIFF headers are walked here first.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from itertools import zip_longest

from leukoscope.images.tiff_tags import (
    BITS_PER_SAMPLE,
    EXTRA_SAMPLES,
    IMAGE_LENGTH,
    IMAGE_WIDTH,
    ORIENTATION,
    TagsError,
    TiffTags,
)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
EXIF_PREFIX = b"Exif\x00\x00"
# FF 00 is a stuffed byte, FF D0..D7 a restart; every other FF and byte is a marker. A scan never holds FF D9.
MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
END_OF_IMAGE = b"\xff\xd9"
SCAN, APP1, TEMPORARY = 0xDA, 0xE1, 0x01
FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class HeaderError(ValueError):
    """The file is damaged, cut short or of no kind that is read; the text is the cause."""


@dataclass(frozen=True)
class FileHeader:
    """What the decoder will give: its width and height, and what is then still to be done.

    `orientation` (EXIF, 1 to 8) is still to be obeyed; a TIFF's is not given, as the decoder obeys it itself.
    `premultiplied` says that the colours come multiplied by their alpha.
    """

    kind: str
    width_px: int
    height_px: int
    orientation: int = 1
    premultiplied: bool = False


def read_header(data: bytes) -> FileHeader:
    """Header of a JPEG, PNG, BMP or TIFF file; HeaderError with the cause otherwise."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(PNG_SIGNATURE):
            return _png(data)
        if data.startswith(b"BM"):
            return _bmp(data)
        if data[:4] in (b"II*\x00", b"MM\x00*"):
            return _tiff(data)
        if data[:4] in (b"II+\x00", b"MM\x00+"):
            raise HeaderError("it is a BigTIFF, which is not read")
    except (struct.error, IndexError) as cause:
        raise HeaderError("it is truncated") from cause
    raise HeaderError("it is not a JPEG, PNG, BMP or TIFF image")


def exif_orientation(block: bytes) -> int:
    """Orientation 1 to 8 of an EXIF block (a small TIFF); 1 where it is absent or nonsense."""
    try:
        value = TiffTags(block).first(ORIENTATION, 1)
    except (TagsError, struct.error):
        return 1
    return value if 1 <= value <= 8 else 1


def _jpeg(data: bytes) -> FileHeader:
    """Walks the segments to the scan, behind which the end-of-image marker must lie.

    A thumbnail's own end marker lies inside its segment and is stepped over.
    """
    size, orientation, position = None, 1, 2
    while (marker := MARKER.search(data, position)) is not None:
        code, position = data[marker.end() - 1], marker.end()
        if code == SCAN and size is not None and data.find(END_OF_IMAGE, position) >= 0:
            return FileHeader("JPEG", size[0], size[1], orientation)
        if code in (SCAN, END_OF_IMAGE[1]):
            break
        if code == TEMPORARY:
            continue
        body = _segment(data, position)
        if code in FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
        elif code == APP1 and body.startswith(EXIF_PREFIX):
            orientation = exif_orientation(body[len(EXIF_PREFIX) :])
        position += 2 + len(body)
    raise HeaderError("it is truncated (no JPEG end-of-image marker)")


def _segment(data: bytes, position: int) -> bytes:
    """A JPEG segment's body, without its two length bytes."""
    length = struct.unpack_from(">H", data, position)[0]
    body = data[position + 2 : position + length]
    if length < 2 or len(body) != length - 2:
        raise HeaderError("it is truncated (a JPEG segment is cut)")
    return body


def _png(data: bytes) -> FileHeader:
    """Walks the chunks to IEND and checks each one's CRC."""
    size, orientation, position = None, 1, len(PNG_SIGNATURE)
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body_end = position + 8 + length
        (crc,) = struct.unpack_from(">I", data, body_end)
        if zlib.crc32(memoryview(data)[position + 4 : body_end]) != crc:
            raise HeaderError("it is damaged (a PNG chunk's checksum is wrong)")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data, position + 8)
        elif kind == b"eXIf":
            orientation = exif_orientation(data[position + 8 : body_end])
        elif kind == b"IEND" and size is not None:
            return FileHeader("PNG", size[0], size[1], orientation)
        position = body_end + 4
    raise HeaderError("it is truncated (no PNG end chunk)")


def _bmp(data: bytes) -> FileHeader:
    """Size from the info header; an uncompressed picture must hold all its rows."""
    start, info_bytes = struct.unpack_from("<II", data, 10)
    if info_bytes == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = 0
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    if compression in (0, 3) and start + (width * bits + 31) // 32 * 4 * abs(height) > len(data):
        raise HeaderError("it is truncated (BMP rows are missing)")
    return FileHeader("BMP", width, abs(height))


def _tiff(data: bytes) -> FileHeader:
    """Size, alpha and the reach of the strips or tiles of the first picture."""
    try:
        tags = TiffTags(data)
        width, height = tags.first(IMAGE_WIDTH, 0), tags.first(IMAGE_LENGTH, 0)
        ends = [
            start + n for start, n in zip_longest(tags.strip_offsets, tags.strip_bytes, fillvalue=0)
        ]
        turned = tags.first(ORIENTATION, 1) in (5, 6, 7, 8)
        bits, extra = tags.first(BITS_PER_SAMPLE, 1), tags.first(EXTRA_SAMPLES, 0)
    except TagsError as cause:
        raise HeaderError(f"it is damaged or truncated ({cause})") from cause
    if not ends or max(ends) > len(data):
        raise HeaderError("it is truncated (TIFF strips are missing)")
    # libtiff multiplies 8-bit colours by a straight alpha (2) itself, and leaves 16-bit ones alone.
    premultiplied = extra == 1 or (extra == 2 and bits == 8)
    width, height = (height, width) if turned else (width, height)
    return FileHeader("TIFF", width, height, premultiplied=premultiplied)
