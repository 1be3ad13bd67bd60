from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from leukoscope.runtime.viewer.answers import Refused
from leukoscope.runtime.viewer.queries import path_number, query_cell, query_number


def asked(query=b"", **path):
    return Request({"type": "http", "query_string": query, "path_params": path, "headers": []})


def test_digits_are_a_number():
    assert path_number(asked(n="007"), "n") == 7
    assert query_number(asked(b"n=12"), "n", 3) == 12
    assert query_number(asked(), "n", 3) == 3 and query_number(asked(b"n=200"), "n", 3, 200) == 200
    assert query_cell(asked(b"after=3.0"), "after") == (3, 0)
    assert query_cell(asked(), "after") is None


WRONG = ["", "-1", "+1", "1.5", "1_0", "٣", "1e3", "x", " 1", "9" * 16, "9" * 5000]


@pytest.mark.parametrize("text", WRONG)
def test_anything_else_is_refused(text):
    with pytest.raises(Refused) as caught:
        path_number(asked(n=text), "n")
    assert caught.value.status == 404
    with pytest.raises(Refused) as caught:
        query_number(asked(f"n={text}".replace("+", "%2B").encode()), "n", 1)
    assert caught.value.status == 400


@pytest.mark.parametrize("given", [b"n=0", b"n=201"])
def test_a_number_out_of_range_is_refused(given):
    with pytest.raises(Refused):
        query_number(asked(given), "n", 1, 200)


@given(st.text(max_size=20))
def test_no_text_is_an_accident(text):
    try:
        found = query_cell(SimpleNamespace(query_params={"after": text}), "after")
    except Refused:
        return
    assert found is None or min(found) >= 0
