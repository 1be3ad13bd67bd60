import pytest

from leukoscope.runtime.slide_report.moments import for_people, length, utc

WALL_NS = 1_795_883_405_123_456_789


def test_moments_are_in_utc():
    assert utc(WALL_NS) == "2026-11-28T16:30:05Z"
    assert utc(WALL_NS, milliseconds=True) == "2026-11-28T16:30:05.123Z"
    assert for_people(WALL_NS) == "2026-11-28 16:30:05 UTC"


@pytest.mark.parametrize("wall_ns", [-(2**63), 2**63 - 1, 10**30])
def test_any_clock_is_written(wall_ns):
    assert utc(wall_ns)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (12.34, "12.3 s"),
        (185, "3 min 05 s"),
        (3599.9, "1 h 00 min"),
        (7620, "2 h 07 min"),
    ],
)
def test_lengths_in_words(seconds, words):
    assert length(seconds).replace("\u00a0", " ") == words
