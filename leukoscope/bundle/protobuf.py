"""The wire format of Protocol Buffers, read within bounds and without a schema compiler.

A message becomes a dict from field number to the values on the wire, in order: int for varints, memoryview for
the rest; nothing is copied. https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

from leukoscope.errors import InputError

Value = int | memoryview
Message = dict[int, list[Value]]

FIELDS_LIMIT = 2_000_000
VARINT_LIMIT_BYTES = 10
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


class Wire:
    """Reads the messages of one file; counts the fields, so that no file makes endless work."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._fields_left = FIELDS_LIMIT

    def message(self, data: memoryview) -> Message:
        """All fields of one message. InputError for a length, varint, number or wire type out of bounds."""
        found: Message = {}
        for number, value in self.fields(data):
            found.setdefault(number, []).append(value)
        return found

    def fields(self, data: memoryview) -> Iterator[tuple[int, Value]]:
        """The fields of one message in the order of the wire. InputError as for `message`."""
        at = 0
        while at < len(data):
            self._count()
            key, at = self._varint(data, at)
            number, kind = key >> 3, key & 7
            if not 0 < number < 1 << 29:
                raise self.fault(f"field number {number}")
            if kind == VARINT:
                value, at = self._varint(data, at)
                yield number, value
                continue
            size, at = self._size(data, at, kind)
            if size > len(data) - at:
                raise self.fault(f"field {number} is longer than what holds it")
            yield number, data[at : at + size]
            at += size

    def messages(self, message: Message, number: int) -> Iterator[Message]:
        """The messages in a repeated field, read one after the other."""
        for value in message.get(number, ()):
            yield self.message(self._view(value, number))

    def one(self, message: Message, number: int) -> Message | None:
        """The message in a singular field, None if absent. Twice is an InputError: parsers would merge or choose."""
        value = self._single(message, number)
        return None if value is None else self.message(self._view(value, number))

    def integer(self, message: Message, number: int, default: int = 0) -> int:
        """A singular varint, as a signed 64-bit number."""
        value = self._single(message, number)
        if isinstance(value, memoryview):
            raise self.fault(f"field {number} is no varint")
        return default if value is None else signed(value)

    def text(self, message: Message, number: int) -> str:
        """A singular UTF-8 text, '' if absent."""
        value = self._single(message, number)
        try:
            return "" if value is None else str(self._view(value, number), "utf-8")
        except UnicodeDecodeError:
            raise self.fault(f"field {number} is no UTF-8 text") from None

    def length(self, message: Message, number: int) -> int:
        """The bytes in all occurrences of a field."""
        return sum(len(self._view(value, number)) for value in message.get(number, ()))

    def integers(self, message: Message, number: int) -> list[int]:
        """A repeated varint, packed or not, signed."""
        found: list[int] = []
        for value in message.get(number, ()):
            if isinstance(value, int):
                found.append(signed(value))
                continue
            at = 0
            while at < len(value):
                item, at = self._varint(value, at)
                self._count()
                found.append(signed(item))
        return found

    def fault(self, text: str) -> InputError:
        """The error for this file."""
        return InputError(f"{self._name} is no sound ONNX file: {text}")

    def _size(self, data: memoryview, at: int, kind: int) -> tuple[int, int]:
        if kind == LENGTH:
            return self._varint(data, at)
        if kind not in (FIXED32, FIXED64):
            raise self.fault(f"wire type {kind}")
        return (4 if kind == FIXED32 else 8), at

    def _varint(self, data: memoryview, at: int) -> tuple[int, int]:
        value = 0
        for index in range(VARINT_LIMIT_BYTES):
            if at + index >= len(data):
                raise self.fault("it ends within a number")
            byte = data[at + index]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                if value >= 1 << 64:
                    raise self.fault("a number beyond 64 bits")
                return value, at + index + 1
        raise self.fault("a number of more than 10 bytes")

    def _single(self, message: Message, number: int) -> Value | None:
        values = message.get(number, [])
        if len(values) > 1:
            raise self.fault(f"field {number} occurs {len(values)} times")
        return values[0] if values else None

    def _view(self, value: Value, number: int) -> memoryview:
        if isinstance(value, int):
            raise self.fault(f"field {number} is a varint")
        return value

    def _count(self) -> None:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise self.fault(f"more than {FIELDS_LIMIT} fields")


def encode(number: int, value: int | bytes | memoryview) -> bytes:
    """One field on the wire: a varint for a number (0 to 2^64 - 1), else bytes with their length."""
    if isinstance(value, int):
        return _encode_varint(number << 3 | VARINT) + _encode_varint(value)
    return head(number, len(value)) + bytes(value)


def head(number: int, length: int) -> bytes:
    """What stands on the wire before `length` bytes of a field."""
    return _encode_varint(number << 3 | LENGTH) + _encode_varint(length)


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def signed(value: int) -> int:
    """A varint's 64 bits as int64."""
    return value - (1 << 64) if value >= 1 << 63 else value
