import numpy as np
import pytest
from timing.turns import Plan, of_each_turn, take_turns


@pytest.fixture
def asked():
    return []


def way(asked, name):
    return lambda index: asked.append((name, index))


def test_every_way_sees_the_same_inputs(asked):
    take_turns({"a": way(asked, "a"), "b": way(asked, "b")}, Plan(3, 4, warm_up=2))
    of = {name: [index for one, index in asked if one == name] for name in "ab"}
    assert of["a"] == of["b"]
    # A turn that is not counted, then three; each of two calls that are not counted, then four.
    assert of["a"] == [i for turn in (-1, 0, 1, 2) for i in range(4 * turn - 2, 4 * turn + 4)]


def test_each_turn_begins_with_another_way(asked):
    take_turns({name: way(asked, name) for name in "abc"}, Plan(3, 1, warm_up=0))
    assert [name for name, _ in asked] == [*"cab", *"abc", *"bca", *"cab"]


def test_calls_that_warm_up_are_not_counted(monkeypatch):
    clock = {"ns": 0, "calls": 0}
    monkeypatch.setattr("timing.turns.time.perf_counter_ns", lambda: clock["ns"])

    def slow_at_first(_):
        clock["ns"] += 50_000_000 if clock["calls"] % 8 < 5 else 1_000_000
        clock["calls"] += 1

    times = take_turns({"a": slow_at_first}, Plan(2, 3, warm_up=5))
    assert times["a"].shape == (2, 3)
    assert (times["a"] == 1).all()


def test_a_turns_figure_is_not_moved_by_an_interruption():
    quiet = np.full((1, 10), 5.0)
    disturbed = quiet.copy()
    disturbed[0, 7] = 500.0
    assert of_each_turn(quiet) == of_each_turn(disturbed) == [5.0]


def test_the_collector_is_off_while_it_is_timed_and_on_again_after_an_error():
    import gc

    seen = []

    def fails(_):
        seen.append(gc.isenabled())
        raise KeyError

    with pytest.raises(KeyError):
        take_turns({"a": fails}, Plan(1, 1))
    assert seen == [False]
    assert gc.isenabled()
