"""The wire format: what is encoded comes back, and nothing reads past its end or works without end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.bundle import protobuf
from leukoscope.bundle.protobuf import Wire, signed
from leukoscope.errors import InputError


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 2**29 - 1), st.integers(0, 2**64 - 1) | st.binary(max_size=300)),
        max_size=20,
    )
)
def test_fields_come_back(encode, fields):
    found = Wire("f").message(memoryview(encode.pb(*fields)))
    for number in {n for n, _ in fields}:
        expected = [v for n, v in fields if n == number]
        assert [v if isinstance(v, int) else bytes(v) for v in found[number]] == expected


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        message = Wire("f").message(memoryview(data))
    except InputError:
        return
    assert sum(
        len(v) for values in message.values() for v in values if not isinstance(v, int)
    ) <= len(data)


BAD = {
    "cut varint": b"\x08\xff", "eleven bytes": b"\x08" + b"\x80" * 10 + b"\x01", "beyond 64 bits": b"\x08" + b"\xff" * 9 + b"\x7f",
    "field 0": b"\x00\x01", "group": b"\x0b\x0c", "end group": b"\x0c", "wire type 6": b"\x0e", "wire type 7": b"\x0f",
    "cut length": b"\x0a\x05abc", "huge length": b"\x0a" + b"\xff" * 9 + b"\x01", "cut fixed32": b"\x0d\x00\x00", "cut fixed64": b"\x09\x00",
    "huge field": b"\xf8\xff\xff\xff\x7f\x00", "no value": b"\x08",
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_unsound_wire_is_refused(kind):
    with pytest.raises(InputError, match="f is no sound ONNX file"):
        Wire("f").message(memoryview(BAD[kind]))


def test_fixed_width_fields_are_read():
    message = Wire("f").message(
        memoryview(b"\x0d\x01\x02\x03\x04\x11\x01\x02\x03\x04\x05\x06\x07\x08")
    )
    assert bytes(message[1][0]) == b"\x01\x02\x03\x04" and len(message[2][0]) == 8


def test_numbers_are_signed():
    assert signed(2**64 - 1) == -1 and signed(5) == 5 and signed(2**63) == -(2**63)


def test_the_number_of_fields_is_bounded(monkeypatch, encode):
    monkeypatch.setattr(protobuf, "FIELDS_LIMIT", 10)
    Wire("f").message(memoryview(encode.pb(*[(1, 1)] * 10)))
    with pytest.raises(InputError, match="more than 10 fields"):
        Wire("f").message(memoryview(encode.pb(*[(1, 1)] * 11)))
    wire = Wire("f")
    packed = wire.message(memoryview(encode.pb((1, bytes([1] * 20)))))
    with pytest.raises(InputError, match="more than 10 fields"):
        wire.integers(packed, 1)


def test_typed_readings(encode):
    wire = Wire("f")
    inner = encode.pb((1, 7))
    message = wire.message(memoryview(encode.pb((1, -5), (2, "name"), (3, inner), (4, 1), (4, b"\x02\x03"), (5, b"\xff"), (6, 1), (6, 1))))  # fmt: skip
    assert wire.integer(message, 1) == -5 and wire.integer(message, 99, 3) == 3
    assert wire.text(message, 2) == "name" and wire.text(message, 99) == ""
    assert wire.one(message, 3) == {1: [7]} and wire.one(message, 99) is None
    assert wire.integers(message, 4) == [1, 2, 3] and wire.length(message, 2) == 4
    for read in (wire.text, wire.integer):
        with pytest.raises(InputError, match="occurs 2 times"):
            read(message, 6)
    with pytest.raises(InputError, match="UTF-8"):
        wire.text(message, 5)
    with pytest.raises(InputError, match="is a varint"):
        wire.one(message, 1)
    with pytest.raises(InputError, match="is no varint"):
        wire.integer(message, 2)
