"""Strict JSON: what two parsers could read differently is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leukoscope.bundle.fields import JSON_LIMIT_BYTES, Fields, check_name, parse_json
from leukoscope.errors import InputError

BAD_JSON = [
    b"", b"{", b"[1,]", b"\xff\xfe{}", b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b"NaN", b"[Infinity]", b"[-Infinity]",
    b"1e999", b"-1e999", b"[" * 40 + b"]" * 40, b"[" * 200_000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b"9" * 10_000, b"\xef\xbb\xbf{}",
    b" " * (JSON_LIMIT_BYTES + 1),
]  # fmt: skip


@pytest.mark.parametrize("data", BAD_JSON, ids=lambda d: repr(d[:16]))
def test_bad_json_is_refused_in_one_line(data):
    with pytest.raises(InputError) as error:
        parse_json(data, "m.json")
    assert str(error.value).startswith("m.json") and "\n" not in str(error.value)


def test_thirty_two_levels_are_read():
    assert parse_json(b"[" * 31 + b"1" + b"]" * 31, "x")


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@settings(deadline=None)
@given(plain)
def test_plain_values_come_back(value):
    assert parse_json(json.dumps(value).encode(), "x") == value


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    with suppress(InputError):
        parse_json(data, "x")


@pytest.mark.parametrize("name", ["a", "x.onnx", "A-b_c.9", "a..b", "a" * 128])
def test_plain_names_are_allowed(name):
    assert check_name(name, "w") == name


BAD_NAMES = [
    "", ".", "..", ".hidden", "-x", "a/b", "../a", "/etc/passwd", "a\\b", "C:x", "a\0", "a\n", "a b", "é", "a" * 129,
    "manifest.json", "Manifest.JSON", "manifest.json.sig", "a\u202e",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match="no file name"):
        check_name(name, "w")


def field(method, value, *arguments):
    return getattr(Fields({"k": value}, "where", ("k",)), method)("k", *arguments)


@pytest.mark.parametrize(
    "method,value,arguments",
    [
        ("text", "", ()), ("text", 1, ()), ("text", None, ()), ("text", "a\x1b[2J", ()), ("text", "\ud800", ()), ("text", "a" * 1025, ()),
        ("sha256", "A" * 64, ()), ("sha256", "a" * 63, ()), ("sha256", "a" * 64 + "\n", ()), ("boolean", 1, ()), ("boolean", "true", ()),
        ("integer", True, (0,)), ("integer", 1.0, (0,)), ("integer", -1, (0,)), ("integer", 2**53, (0,)), ("integer", "1", (0,)),
        ("positive", 0, ()), ("positive", -1.0, ()), ("positive", True, ()), ("positive", 1e31, ()), ("positive", "1", ()), ("positive", 10**400, ()),
        ("pair", [1], ()), ("pair", [1, 0], ()), ("pair", [1, True], ()), ("pair", [1, 65536], ()), ("pair", {"a": 1}, ()),
        ("classes", ["a"], ()), ("classes", ["a", "a"], ()), ("classes", ["a", ""], ()), ("classes", ["a", 1], ()), ("classes", "ab", ()),
        ("classes", ["a", ["b"]], ()), ("classes", [str(i) for i in range(1001)], ()), ("object", [], ()), ("object", None, ()),
        ("one_of", "c", (("a", "b"),)), ("one_of", ["a"], (("a", "b"),)), ("file_name", "a/b", ()),
    ],
)  # fmt: skip
def test_a_field_of_another_kind_is_refused(method, value, arguments):
    with pytest.raises(InputError, match="where: k"):
        field(method, value, *arguments)


def test_missing_and_unknown_keys_are_named():
    with pytest.raises(InputError, match="has no b"):
        Fields({"a": 1}, "w", ("a", "b"))
    with pytest.raises(InputError, match="unknown key 'c'"):
        Fields({"a": 1, "c": 2}, "w", ("a",))
    with pytest.raises(InputError, match="w is a list"):
        Fields([], "w", ())
