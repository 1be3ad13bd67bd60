import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import UsageError
from leukoscope.runtime.profiler.request import (
    MOST_BATCH,
    QUICK_SECONDS,
    Request,
    parse_batches,
    shortened,
)


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, 1e9])
@pytest.mark.parametrize("name", ["rate_hz", "seconds"])
def test_rates_and_seconds_are_more_than_nought(name, value):
    with pytest.raises(UsageError, match="wanted more than 0"):
        Request(**{name: value})


def test_an_unknown_backend_is_named_with_those_there_are():
    with pytest.raises(UsageError, match="cuda9; wanted one of auto"):
        Request(backends=("auto", "cuda9"))
    Request(backends=("all",))


def test_batches_keep_their_order_and_come_once():
    assert parse_batches("1, 2,8,2") == (1, 2, 8)


@pytest.mark.parametrize("text", ["", "0", "1,,2", "1;2", "-1", "1.5", "x", f"{MOST_BATCH + 1}", "9" * 400, "1," * 40 + "1", "\u0662"])  # fmt: skip
def test_other_batches_are_refused_in_one_line(text):
    with pytest.raises(UsageError) as caught:
        parse_batches(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@given(st.text(max_size=40))
def test_any_text_is_batches_or_refused(text):
    try:
        found = parse_batches(text)
    except UsageError:
        return
    assert found and all(1 <= one <= MOST_BATCH for one in found)


def test_a_quick_profile_is_short_and_has_layers_only_when_asked():
    quick = shortened(Request(), layers=False)
    assert quick.seconds == QUICK_SECONDS and not quick.layers and quick.cold_starts == 2
    assert shortened(Request(seconds=2), layers=True).seconds == 2
