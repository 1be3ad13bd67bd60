"""A field of the journal as the page shows it: plain, and with the mask's outlines and the voted class's map."""

import numpy as np
from numpy.typing import NDArray

from leukoscope.errors import InputError
from leukoscope.images.decode import MIN_SIDE_PX, decode_image, decode_mask
from leukoscope.images.opencv import cv2
from leukoscope.runtime.explain import lay_on_field
from leukoscope.runtime.field import Evidence, Reading, TreeMaps
from leukoscope.runtime.journal.grids import StoredMaps
from leukoscope.runtime.journal.read import JournalReader
from leukoscope.runtime.journal.records import FieldRow
from leukoscope.runtime.journal.small_pictures import VIEW_PX
from leukoscope.runtime.sinks.panel import draw_evidence, outline_mask
from leukoscope.runtime.slide_report.contents import FieldAnswer, Shown

LONGEST_PX = 400
JPEG_QUALITY = 82
MOST_INPUT_PX = 1 << 14
"""More than any plane of squares; a damaged row must not ask for all memory."""

Pixels = NDArray[np.uint8]
Found = tuple[Pixels, NDArray[np.uint8] | None]


def shown(reader: JournalReader, field: FieldAnswer) -> Shown | None:
    """None where nothing of the field was kept to look at. InputError where what was kept is damaged."""
    found = _kept(reader, field.row) or _small(reader, field.row)
    if found is None:
        return None
    pixels, mask = found
    try:
        evidence = _evidence(reader, field.row, mask)
        drawn = _drawn(pixels, mask, evidence)
    except (cv2.error, ValueError, MemoryError):
        raise _damaged(field.row, "maps") from None
    nothing = mask is None and evidence is None
    return Shown(field, _jpeg(pixels), None if nothing else _jpeg(drawn), mask is not None)


def _kept(reader: JournalReader, row: FieldRow) -> Found | None:
    """At its own size, with its mask."""
    picture = reader.picture(row.id)
    if picture is None:
        return None
    pixels = decode_image(picture.jpeg, f"the journal's picture of field {row.id}")
    if pixels.shape[1::-1] != row.size_px:
        raise _damaged(row, "picture")
    name = f"of field {row.id} in the journal"
    return pixels, None if picture.mask is None else decode_mask(picture.mask, name, row.size_px)


def _small(reader: JournalReader, row: FieldRow) -> Found | None:
    """Of fields whose own picture was not kept; a view too narrow to be one is passed over."""
    if min(row.size_px) * VIEW_PX < MIN_SIDE_PX * max(row.size_px):
        return None
    view = reader.view(row.id)
    return (
        None
        if view is None
        else (decode_image(view, f"the journal's view of field {row.id}"), None)
    )


def _evidence(reader: JournalReader, row: FieldRow, mask: Pixels | None) -> Evidence | None:
    """The map of the class that the machine voted, laid on the field again."""
    maps = reader.maps(row.id)
    class_name = row.evidence_class
    if maps is None or class_name is None or class_name not in maps.classes:
        return None
    _check_placement(row, maps)
    trees = None if maps.even_shares is None else TreeMaps(maps.maps, maps.even_shares)
    reading = Reading(maps.classes, {"cams": maps.maps}, maps.placement)
    return lay_on_field(reading, maps.network, class_name, mask, trees)


def _check_placement(row: FieldRow, maps: StoredMaps) -> None:
    place = maps.placement
    inside = all(
        min(offset, inner - 1) >= 0 and offset + inner <= size <= MOST_INPUT_PX
        for offset, inner, size in zip(place.offset_px, place.inner_px, place.size_px, strict=True)
    )
    shares = maps.even_shares
    if (
        place.field_px != row.size_px
        or not inside
        or (shares is not None and len(shares) != len(maps.classes))
    ):
        raise _damaged(row, "maps")


def _drawn(pixels: Pixels, mask: Pixels | None, evidence: Evidence | None) -> Pixels:
    size_px, ratio = _size(pixels)
    picture = draw_evidence(pixels, evidence, size_px)
    if mask is not None:
        outline_mask(picture, mask, ratio)
    return picture


def _size(pixels: Pixels) -> tuple[tuple[int, int], float]:
    """Width and height on the page, at most LONGEST_PX and never enlarged, and the ratio."""
    height, width = pixels.shape[:2]
    ratio = min(1.0, LONGEST_PX / max(height, width))
    return (max(1, round(width * ratio)), max(1, round(height * ratio))), ratio


def _jpeg(pixels: Pixels) -> bytes:
    size_px, ratio = _size(pixels)
    small = pixels if ratio == 1 else cv2.resize(pixels, size_px, interpolation=cv2.INTER_AREA)
    flags = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(small[:, :, ::-1]), flags)
    return bytes(data)


def _damaged(row: FieldRow, what: str) -> InputError:
    return InputError(
        f"the journal's {what} of field {row.id} are damaged"
        if what == "maps"
        else f"the journal's {what} of field {row.id} is of another size than the field",
        next_step="copy the journal from its disk again, or from its backup",
    )
