"""Writers of small image files with the oddities that OpenCV's own writers do not offer."""

import struct
import zlib

import numpy as np


def orientation_block(orientation: int, order: str = "<") -> bytes:
    """An EXIF block (a TIFF of one directory) that holds nothing but the orientation."""
    mark = b"II" if order == "<" else b"MM"
    entry = struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 1) + entry + struct.pack(order + "I", 0)


def with_jpeg_exif(jpeg: bytes, block: bytes) -> bytes:
    """The JPEG with an APP1 segment right behind its start marker."""
    body = b"Exif\x00\x00" + block
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Length, kind, body, CRC."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_png_chunk(png: bytes, chunk: bytes) -> bytes:
    """The PNG with a chunk right behind its IHDR."""
    return png[:33] + chunk + png[33:]


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


def tiff(
    pixels: np.ndarray, orientation: int = 1, extra: int | None = None, order: str = "<"
) -> bytes:
    """An uncompressed TIFF of one strip, RGB order; `extra` is the ExtraSamples value of its last channel."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    bits = struct.pack(order + f"{channels}H", *[8 * pixels.itemsize] * channels)
    kind = 3 if pixels.dtype.kind == "f" else 1
    start = 8 + len(data)
    shorts = {256: width, 257: height, 259: 1, 262: 1 if channels == 1 else 2, 274: orientation}
    shorts |= {277: channels, 278: height, 284: 1, 339: kind}
    if extra is not None:
        shorts[338] = extra
    entries = {
        tag: struct.pack(order + "HHIHH", tag, 3, 1, value, 0) for tag, value in shorts.items()
    }
    if channels > 1:
        entries[258] = struct.pack(order + "HHII", 258, 3, channels, start)
        if channels == 2:
            entries[258] = struct.pack(order + "HHI", 258, 3, 2) + bits
    else:
        entries[258] = struct.pack(order + "HHI", 258, 3, 1) + bits.ljust(4, b"\0")
    entries[273] = struct.pack(order + "HHII", 273, 4, 1, 8)
    entries[279] = struct.pack(order + "HHII", 279, 4, 1, len(data))
    directory = struct.pack(order + "H", len(entries)) + b"".join(
        entries[tag] for tag in sorted(entries)
    )
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, start + len(bits))
    return head + data + bits + directory + struct.pack(order + "I", 0)
