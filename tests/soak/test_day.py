"""A quarter of an hour of the day: every kind of source and of fault once or more, and the checks that need no length."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import day as soak_day
from soak_books import Ages, Books, Memory


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("soak")
    return soak_day.soak(folder, 600, seed=3, slides=2, stops=4, mean_frames=30)


def test_every_captured_frame_is_in_a_journal_or_in_a_drop_counter(summary):
    books = summary["books"]
    assert books["wrong"] == []
    assert books["captured"] == books["fields_in_journals"] + books["dropped"] >= 600
    assert books["fields_in_journals"] > 20 and books["runs"] >= 8


def test_the_camera_failed_in_every_way_and_frames_went_for_every_cause(summary):
    faults = summary["camera"]["faults"]
    assert min(faults.values()) >= 1 and faults["connections"] > 6
    causes = {"garbage", "frozen", "unreadable", "known", "moving", "same_stop"}
    assert causes <= summary["books"]["drops"].keys()


def test_no_result_is_from_the_future_though_the_wall_clock_jumped(summary):
    for part in ("camera", "rounds"):
        assert summary[part]["ages"]["results"] > 3 and summary[part]["ages"]["least_ms"] > 0


def part(growth=0.0, first=20.0, last=20.0, least=1.0):
    ages = {"median_first_tenth_ms": first, "median_last_tenth_ms": last, "least_ms": least}
    return {"memory": {"growth_of_second_half_mb": growth}, "ages": ages}


def test_what_the_day_looks_for_is_found():
    found = soak_day.failures(Books(), {"good": part(5.0, last=300.0)})
    assert found == []
    wrong = {"leaks": part(50.0), "ages": part(last=2060.0), "future": part(least=-1.0)}
    assert [line.split(":")[0] for line in soak_day.failures(Books(), wrong)] == list(wrong)


def test_growth_is_that_of_the_second_half(monkeypatch):
    memory, sizes = Memory(), iter([100.0, 180.0, 200.0, 201.0, 202.0, 203.0, 204.0, 205.0])
    monkeypatch.setattr("soak_books.resident_mb", lambda: next(sizes))
    for look in range(8):
        memory.look(look * 100)
    assert memory.growth_mb() == pytest.approx(3.0)


def test_a_frame_that_is_nowhere_is_told(monkeypatch, tmp_path):
    found = {"fields": 3, "drops": 2, "twice": 0, "ended": 1}
    monkeypatch.setattr("soak_books.session_of", lambda journal: found)

    class Tally:
        drops, captured, fields = {"moving": 2}, 6, 3

    books = Books()
    books.close("lost one", 6, Tally, tmp_path)
    assert len(books.wrong) == 1 and "lost one" in books.wrong[0]
    Tally.captured = 5
    books.close("all there", 5, Tally, tmp_path)
    assert len(books.wrong) == 1


def test_ages_are_compared_after_warming_up():
    ages = Ages()
    ages.ms.extend([500.0] * 10 + [20.0] * 10 + [21.0] * 70 + [30.0] * 10)
    found = ages.summary()
    assert (found["median_first_tenth_ms"], found["median_last_tenth_ms"]) == (20.0, 30.0)
