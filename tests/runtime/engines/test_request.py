import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import UsageError
from leukoscope.runtime.engines.request import BuildRequest, parse_batches


def test_the_profile_is_one_to_the_last_tuned_for_the_first():
    assert BuildRequest(batches=(2, 4, 8)).profile == (1, 2, 8)
    assert BuildRequest(batches=(3,)).profile == (1, 3, 3)


@given(st.lists(st.integers(1, 256), min_size=1, unique=True).map(sorted))
def test_batches_come_back(numbers):
    assert parse_batches(",".join(map(str, numbers))) == tuple(numbers)


@pytest.mark.parametrize(
    "text", ["", "0", "1,1", "8,1", "-1", "1.5", "1,,2", "257", "9" * 99, "٣,"]
)
def test_batches_that_cannot_be(text):
    with pytest.raises(UsageError, match="--batch"):
        parse_batches(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"backend": "cuda"},
        {"batches": ()},
        {"workspace_bytes": 0},
        {"backend": "tensorrt-rtx", "compute_capability": "89"},
        {"compute_capability": "8.9"},
    ],
)
def test_requests_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        BuildRequest(**wrong)
