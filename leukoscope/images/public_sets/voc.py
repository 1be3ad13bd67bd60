"""Bounding boxes in the XML of Pascal VOC, read by its events: no entities, nothing nested without end."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from leukoscope.errors import InputError

MAX_BYTES = 1 << 20
MAX_DEPTH = 16
MAX_BOXES = 10_000
CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class Box:
    """An annotated object."""

    name: str
    corners_px: tuple[int, int, int, int]
    """xmin, ymin, xmax, ymax, as written."""


def read_boxes(path: Path) -> tuple[Box, ...]:
    """The objects of one annotation file; InputError names the file and what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES} bytes", wanted="a VOC annotation")
        data = path.read_bytes()
    except OSError as cause:
        raise InputError(f"{path} cannot be read: {cause.strerror}") from cause
    return parse_boxes(data, str(path))


def parse_boxes(data: bytes, name: str) -> tuple[Box, ...]:
    """As `read_boxes`, of the file's bytes.

    A document type is refused: VOC has none, and entities that multiply live in it.
    """
    parser = expat.ParserCreate()
    reader = _Reader()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as cause:
        raise InputError(
            f"{name} is not a VOC annotation: {cause}", wanted="annotation/object/name and bndbox"
        ) from cause
    return tuple(reader.boxes)


@dataclass
class _Reader:
    """Gathers boxes as the parser meets them; ValueError says what is wrong."""

    boxes: list[Box] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)
    _values: dict[str, str] = field(default_factory=dict)

    def doctype(self, *_: object) -> None:
        raise ValueError("it declares a document type")

    def start(self, tag: str, _: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) == 1 and tag != "annotation":
            raise ValueError(f"its root is {tag[:40]}")
        if len(self._path) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} elements within each other")
        if self._path == ["annotation", "object"]:
            self._values = {}
        elif (key := self._key()) and key in self._values:
            raise ValueError(f"an object with two {key}")
        elif key:
            self._values[key] = ""

    def text(self, piece: str) -> None:
        if key := self._key():
            self._values[key] += piece

    def end(self, _: str) -> None:
        if self._path == ["annotation", "object"]:
            if len(self.boxes) == MAX_BOXES:
                raise ValueError(f"more than {MAX_BOXES} objects")
            self.boxes.append(self._box())
        self._path.pop()

    def _key(self) -> str:
        """`name` or a corner's name inside an object, else empty."""
        if self._path == ["annotation", "object", "name"]:
            return "name"
        inside = self._path[:-1] == ["annotation", "object", "bndbox"]
        return self._path[-1] if inside and self._path[-1] in CORNERS else ""

    def _box(self) -> Box:
        name = self._values.get("name", "").strip()
        if not name:
            raise ValueError("an object without a name")
        left, top, right, bottom = (_whole(self._values.get(key, ""), key) for key in CORNERS)
        if right < left or bottom < top:
            raise ValueError(f"a box {left},{top},{right},{bottom}")
        return Box(name, (left, top, right, bottom))


def _whole(text: str, key: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        raise ValueError(f"{key} = {digits[:40]!r}")
    return int(digits)
