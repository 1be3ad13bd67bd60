"""Image files to pixels by one rule: RGB, EXIF obeyed, 16-bit / 257, grey replicated, alpha on white."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.classes import MASK_CODES
from leukoscope.images.file_header import FileHeader, HeaderError, read_header
from leukoscope.images.opencv import cv2

IMAGE_SUFFIXES: tuple[str, ...] = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
MIN_SIDE_PX = 32
MAX_AREA_PX = 2**28
MAX_FILE_BYTES = 2**31


def read_image(path: Path) -> NDArray[np.uint8]:
    """A JPEG, PNG, BMP or TIFF file as uint8 [H, W, 3] RGB; InputError names the file and the cause."""
    return decode_image(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """A file's bytes, for those who hash and decode it in one reading; InputError where there are none."""
    if not path.exists():
        raise InputError(f"no such file: {path}", next_step="check the path")
    if not path.is_file():
        raise InputError(f"{path} is not a file", wanted="an image file")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{path} is larger than {MAX_FILE_BYTES} bytes")
        data = path.read_bytes()
    except OSError as cause:
        raise InputError(
            f"{path} cannot be read: {cause.strerror}", next_step="check its permissions"
        ) from cause
    if not data:
        raise InputError(f"{path} is empty (0 bytes)", wanted="an image file")
    return data


def decode_image(data: bytes, name: str) -> NDArray[np.uint8]:
    """An encoded image as uint8 [H, W, 3] RGB.

    In this order (our choice, named in the contract): 16-bit values / 257 to the nearest, grey replicated,
    alpha composed on white, EXIF orientation obeyed. InputError names `name` and the cause: no image, cut
    short, damaged, a side under MIN_SIDE_PX, more than MAX_AREA_PX pixels.
    """
    pixels, header = _decode(data, name)
    pixels = _to_rgb(_to_8_bit(pixels, name), name, header.premultiplied)
    return np.ascontiguousarray(orient(pixels, header.orientation))


def read_mask(path: Path, size_px: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A mask file of grey levels 0, 128, 255 as uint8 [H, W] of the indices 0, 1, 2.

    `size_px` (width, height) is its image's size where that is known. InputError for another size, for
    colours, and for any other grey level, which is named.
    """
    return decode_mask(read_bytes(path), str(path), size_px)


def decode_mask(
    data: bytes, name: str, size_px: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """`read_mask` of an encoded mask; InputError names `name`."""
    pixels, header = _decode(data, name)
    if pixels.dtype != np.uint8 or not _is_grey(pixels):
        raise InputError(f"mask {name} is not 8-bit grey", wanted=f"grey levels {MASK_CODES}")
    grey = pixels.astype(np.uint8, copy=False)
    grey = orient(grey if grey.ndim == 2 else grey[:, :, 0], header.orientation)
    height, width = grey.shape
    if size_px is not None and (width, height) != tuple(size_px):
        raise InputError(
            f"mask {name} is {width} x {height} px",
            wanted=f"its image's size, {size_px[0]} x {size_px[1]} px",
        )
    return _codes_to_indices(grey, name)


def orient(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turns stored pixels [H, W, ...] upright by the EXIF orientation 1 to 8."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def _decode(data: bytes, name: str) -> tuple[NDArray[np.generic], FileHeader]:
    """Pixels as stored ([H, W] or [H, W, C], any depth, BGR), after the header has been judged."""
    try:
        header = read_header(data)
    except HeaderError as cause:
        raise InputError(
            f"{name} cannot be decoded: {cause}", wanted="a whole JPEG, PNG, BMP or TIFF image"
        ) from cause
    _check_size(header, name)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.shape[:2] != (header.height_px, header.width_px):
        raise InputError(f"{name} cannot be decoded: the {header.kind} data are damaged")
    return pixels, header


def _check_size(header: FileHeader, name: str) -> None:
    width, height = header.width_px, header.height_px
    if min(width, height) < MIN_SIDE_PX:
        raise InputError(
            f"{name} is {width} x {height} px", wanted=f"sides of at least {MIN_SIDE_PX} px"
        )
    if width * height > MAX_AREA_PX:
        raise InputError(
            f"{name} is {width} x {height} px",
            wanted=f"at most {MAX_AREA_PX} pixels",
            next_step="cut it into fields",
        )


def _to_8_bit(pixels: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype == np.uint16:
        table: NDArray[np.uint8] = ((np.arange(2**16) + 128) // 257).astype(np.uint8)
        return table[pixels.astype(np.uint16, copy=False)]
    raise InputError(f"{name} holds {pixels.dtype} values", wanted="8-bit or 16-bit integers")


def _to_rgb(pixels: NDArray[np.uint8], name: str, premultiplied: bool) -> NDArray[np.uint8]:
    """Grey [H, W] or [H, W, 1], BGR or BGRA -> RGB [H, W, 3]."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 1:
        return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    if channels == 3:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    if channels == 4:
        return _on_white(pixels[:, :, 2::-1], pixels[:, :, 3:], premultiplied)
    raise InputError(f"{name} has {channels} channels", wanted="grey, RGB or RGB with alpha")


def _on_white(
    colour: NDArray[np.uint8], alpha: NDArray[np.uint8], premultiplied: bool
) -> NDArray[np.uint8]:
    """(colour * alpha + 255 * (255 - alpha)) / 255, to the nearest."""
    weight = alpha.astype(np.uint32)
    light = 255 * colour.astype(np.uint32) if premultiplied else colour * weight
    blend = (light + 255 * (255 - weight) + 127) // 255
    return blend.clip(max=255).astype(np.uint8)


def _is_grey(pixels: NDArray[np.generic]) -> bool:
    if pixels.ndim == 2:
        return True
    return pixels.shape[2] in (1, 3) and bool(np.all(pixels == pixels[:, :, :1]))


def _codes_to_indices(grey: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    table = np.full(256, 255, np.uint8)
    table[list(MASK_CODES)] = range(len(MASK_CODES))
    indices = table[grey]
    strange = np.unique(grey[indices == 255])
    if strange.size:
        listed = ", ".join(str(level) for level in strange[:5])
        more = f" and {strange.size - 5} more" if strange.size > 5 else ""
        raise InputError(
            f"mask {name} holds the grey levels {listed}{more}",
            wanted="only 0 (background), 128 (cytoplasm), 255 (nucleus)",
        )
    return indices
