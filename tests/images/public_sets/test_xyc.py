import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.images.public_sets.xyc import MAX_BYTES, parse_centres, read_centres


def centres(text):
    return parse_centres(text.encode() if isinstance(text, str) else text, "Im001_1.xyc")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("gap", [" ", "\t", "  \t"])
def test_a_line_is_x_and_y(end, gap):
    assert centres(f"799{gap}769{end}1414{gap}33{end}") == ((799, 769), (1414, 33))


def test_empty_lines_are_passed_over_and_an_empty_file_has_no_cells():
    assert centres("\n 1 2 \n\n") == ((1, 2),)
    assert centres("") == centres("\n\n") == ()


@pytest.mark.parametrize(
    "line",
    ["1", "1 2 3", "a b", "-1 2", "1.5 2", "1,2", "1e3 2", "9999999 1", "٢ ٣", "0x10 1", "nan nan"],
)
def test_a_line_that_is_not_two_numbers_is_named(line):
    with pytest.raises(InputError, match=r"Im001_1\.xyc") as refused:
        centres(f"5 6\n{line}\n")
    assert line.isascii() is ("line 2" in str(refused.value))
    assert "\n" not in str(refused.value)


def test_a_long_line_is_quoted_in_part():
    with pytest.raises(InputError) as refused:
        centres("7" * 5000)
    assert len(str(refused.value)) < 120


def test_a_file_is_named_and_a_huge_one_not_read(tmp_path):
    path = tmp_path / "big.xyc"
    path.write_bytes(b"\n" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="larger"):
        read_centres(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_centres(tmp_path)


@given(st.lists(st.tuples(st.integers(0, 999_999), st.integers(0, 999_999)), max_size=20))
def test_what_is_written_is_read(points):
    assert centres("".join(f"{x} {y}\n" for x, y in points)) == tuple(points)


@given(st.binary(max_size=200))
def test_any_bytes_are_centres_or_an_error(data):
    with contextlib.suppress(InputError):
        assert all(0 <= x < 10**6 and 0 <= y < 10**6 for x, y in centres(data))
