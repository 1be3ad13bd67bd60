import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.sources.grammar import MAX_TEXT, Values, scheme_of, split_address


def test_a_uri_in_its_parts():
    address = split_address("Watch://host/My%20Folder/50%25?a=1&b=2#part")
    assert address.scheme == "watch" and address.authority == "host"
    assert address.path == "/My Folder/50%"
    assert (address.query, address.fragment) == ("a=1&b=2", "part")
    assert split_address("csi://0") == split_address("csi://0?")


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("v4l2:///dev/video0", "v4l2"),
        ("RTSP://h", "rtsp"),
        ("C:/fields", None),
        ("a://b", "a"),
        ("://x", None),
        ("4x://y", None),
        ("folder/a b://c", None),
        ("", None),
    ],
)
def test_what_has_a_scheme(text, scheme):
    assert scheme_of(text) == scheme


@pytest.mark.parametrize("text", ["watch:///a\nb", "watch:///\0", "watch:///" + "x" * MAX_TEXT])
def test_no_uri_at_all(text):
    with pytest.raises(InputError, match="is no URI"):
        split_address(text)


def values(text):
    return Values("x", text, ("count", "time", "kind"))


def test_values_by_their_types():
    got = values("COUNT=07&time=1.50&kind=RED")
    assert got.integer("count", 1, 0, 9) == 7
    assert got.seconds("time", 1, 0, 9) == 1.5
    assert got.choice("kind", None, ("Red", "Blue")) == "Red"
    assert "kind" in got and "count" in got


def test_defaults_where_nothing_is_said():
    got = values("")
    assert got.integer("count", 1, 0, 9) == 1 and got.seconds("time", 2.5, 0, 9) == 2.5
    assert got.choice("kind", "Red", ("Red",)) == "Red" and "kind" not in got


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour=1", "'colour'"),
        ("count=1&count=2", "count twice"),
        ("count=1&Count=2", "count twice"),
        ("count", "KEY=VALUE"),
        ("&&", "KEY=VALUE"),
        ("count=1&", "KEY=VALUE"),
        ("=1", "no key ''"),
    ],
)
def test_a_query_that_is_wrong_as_a_whole(text, named):
    with pytest.raises(InputError, match=named):
        values(text)


@pytest.mark.parametrize(
    "text", ["10", "-1", "1.0", "1e3", "", " 1", "１", "9" * 5000, "0x1", "1_0"]
)
def test_no_whole_number_in_range(text):
    with pytest.raises(InputError, match=r"count='.*wanted 0 to 9"):
        values(f"count={text}").integer("count", 1, 0, 9)


@pytest.mark.parametrize(
    "text", ["9.1", "-1", "1e0", "", ".5", "5.", "nan", "inf", "１", "9" * 500]
)
def test_no_seconds_in_range(text):
    with pytest.raises(InputError, match=r"time='.*wanted 0 to 9 seconds"):
        values(f"time={text}").seconds("time", 1, 0, 9)


def test_no_such_choice():
    with pytest.raises(InputError, match="kind='green'; wanted any of red, blue"):
        values("kind=green").choice("kind", None, ("Red", "Blue"))


@given(st.text(max_size=60))
def test_any_query_is_read_or_refused_in_one_line(text):
    try:
        got = values(text)
        got.integer("count", 1, 0, 9)
        got.seconds("time", 1, 0, 9)
        got.choice("kind", None, ("Red", "Blue"))
    except InputError as refused:
        assert "\n" not in str(refused) and len(str(refused)) < 300
