"""The first directory of a TIFF file, or of an EXIF block, which is a small TIFF: integer tags only."""

import struct

IMAGE_WIDTH, IMAGE_LENGTH, BITS_PER_SAMPLE, ORIENTATION, EXTRA_SAMPLES = 256, 257, 258, 274, 338
STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES = 273, 279, 324, 325
INTEGER_CODES = {1: "B", 3: "H", 4: "I"}
MAX_VALUES = 1 << 20


class TagsError(ValueError):
    """The directory is damaged or reaches beyond the data; the text is the cause."""


class TiffTags:
    """Integer values of the tags of directory 0 by tag number (TIFF 6.0, section 2)."""

    def __init__(self, data: bytes) -> None:
        if data[:2] not in (b"II", b"MM"):
            raise TagsError("no TIFF byte order mark")
        self._data = data
        self._order = "<" if data[:2] == b"II" else ">"
        self._entries: dict[int, tuple[int, int, int]] = {}
        magic, start = self._unpack("HI", 2)
        if magic != 42:
            raise TagsError("no TIFF version 42")
        (count,) = self._unpack("H", start)
        for position in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, values = self._unpack("HHI", position)
            self._entries.setdefault(tag, (kind, values, position + 8))

    def _unpack(self, codes: str, position: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self._order + codes, self._data, position)
        except struct.error as cause:
            raise TagsError("a TIFF directory is cut") from cause

    def values(self, tag: int) -> tuple[int, ...]:
        """All values of an integer tag; empty where the tag is absent or no integer."""
        kind, count, position = self._entries.get(tag, (0, 0, 0))
        if kind not in INTEGER_CODES or count == 0:
            return ()
        if count > MAX_VALUES:
            raise TagsError(f"TIFF tag {tag} claims {count} values")
        codes = f"{count}{INTEGER_CODES[kind]}"
        if struct.calcsize("=" + codes) > 4:
            (position,) = self._unpack("I", position)
        return self._unpack(codes, position)

    def first(self, tag: int, default: int) -> int:
        """The first value of an integer tag, or `default`."""
        values = self.values(tag)
        return values[0] if values else default

    @property
    def strip_offsets(self) -> tuple[int, ...]:
        """Where the strips, or the tiles, start, in bytes."""
        return self.values(STRIP_OFFSETS) or self.values(TILE_OFFSETS)

    @property
    def strip_bytes(self) -> tuple[int, ...]:
        """How long the strips, or the tiles, are, in bytes."""
        return self.values(STRIP_BYTES) or self.values(TILE_BYTES)
