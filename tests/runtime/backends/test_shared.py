from itertools import chain
from threading import Condition, Event, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.errors import InputError
from leukoscope.runtime.backends.shared import MOST_AT_ONCE, SharedBackend

PATIENCE_S = 20


def numbered(*numbers):
    """Frames [n, 2, 2, 3] that are told apart by their value."""
    return np.array(numbers, np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)


def answers(frames):
    """What the stand-in gives for each frame, whatever is beside it in the batch."""
    value = frames[:, 0, 0, 0].astype(np.float32)
    return {"value": value, "square": np.stack([value, value**2], 1)}


class Gated:
    """A backend that notes each batch and, while it is shut, answers none."""

    name, precision = "gated", "fp16"

    def __init__(self, *, shut=False):
        self.batches, self.gate, self.entered = [], Event(), Condition()
        self.at_once = self.most_at_once = 0
        if not shut:
            self.gate.set()

    def infer(self, frames):
        with self.entered:
            self.batches.append(frames[:, 0, 0, 0].tolist())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.entered.notify_all()
        assert self.gate.wait(PATIENCE_S)
        with self.entered:
            self.at_once -= 1
        return self.answer(frames)

    def answer(self, frames):
        return answers(frames)

    def wait_for(self, batches):
        with self.entered:
            assert self.entered.wait_for(lambda: len(self.batches) >= batches, PATIENCE_S)


class Caller(Thread):
    """One call from a thread of its own."""

    def __init__(self, shared, frames):
        super().__init__(daemon=True)
        self.shared, self.frames, self.got, self.error = shared, frames, None, None
        self.start()

    def run(self):
        try:
            self.got = self.shared.infer(self.frames)
        except BaseException as error:
            self.error = error

    def end(self):
        self.join(PATIENCE_S)
        assert not self.is_alive(), "a caller hangs"
        return self


def queued(shared, *calls):
    """Calls that wait in this order, all lanes being taken."""
    callers = []
    for frames in calls:
        before = len(shared._waiting)
        callers.append(Caller(shared, frames))
        while len(shared._waiting) == before:  # until it stands in the row
            Event().wait(0.0005)
    return callers


def check(caller):
    caller.end()
    assert caller.error is None
    wanted = answers(caller.frames)
    assert caller.got.keys() == wanted.keys()
    for name, array in wanted.items():
        assert np.array_equal(caller.got[name], array)


def test_it_stands_for_the_backend():
    shared = SharedBackend(Gated(), 1)
    assert (shared.name, shared.precision) == ("gated", "fp16")
    assert np.array_equal(shared.infer(numbered(7))["value"], [7])


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_a_call_that_finds_a_lane_free_goes_at_once_and_alone(lanes):
    backend = Gated(shut=True)
    shared = SharedBackend(backend, lanes)
    callers = []
    for number in range(lanes):
        callers.append(Caller(shared, numbered(number)))
        backend.wait_for(number + 1)  # though nobody before has been answered
    assert backend.batches == [[number] for number in range(lanes)]
    backend.gate.set()
    for caller in callers:
        check(caller)


def test_calls_that_wait_go_together_in_their_order_and_each_gets_his_rows():
    backend = Gated(shut=True)
    shared = SharedBackend(backend, 1)
    first = Caller(shared, numbered(0))
    backend.wait_for(1)
    others = queued(shared, numbered(1, 2), numbered(3), numbered(4, 5, 6))
    backend.gate.set()
    for caller in (first, *others):
        check(caller)
    assert backend.batches == [[0], [1, 2, 3, 4, 5, 6]]


def test_a_batch_of_several_calls_is_never_larger_than_most_at_once():
    backend = Gated(shut=True)
    shared = SharedBackend(backend, 1)
    first = Caller(shared, numbered(0))
    backend.wait_for(1)
    sizes = (MOST_AT_ONCE - 1, 1, 1, MOST_AT_ONCE + 5, 2, MOST_AT_ONCE)
    others = queued(shared, *(numbered(*range(size)) for size in sizes))
    backend.gate.set()
    for caller in (first, *others):
        check(caller)
    # The large one goes alone, the others join while there is room, and nobody is passed over.
    assert [len(batch) for batch in backend.batches] == [
        1, MOST_AT_ONCE, 1, MOST_AT_ONCE + 5, 2, MOST_AT_ONCE,
    ]  # fmt: skip


@given(
    st.integers(1, 4),
    st.lists(st.integers(1, MOST_AT_ONCE + 4), min_size=1, max_size=10),
)
def test_whoever_calls_gets_exactly_his_rows(lanes, sizes):
    backend = Gated()
    shared = SharedBackend(backend, lanes)
    firsts = np.cumsum([0, *sizes])
    callers = [
        Caller(shared, numbered(*range(start, start + size)))
        for start, size in zip(firsts, sizes, strict=False)
    ]
    for caller in callers:
        check(caller)
    assert backend.most_at_once <= lanes
    assert sorted(chain(*backend.batches)) == list(range(sum(sizes)))


def test_never_more_batches_at_a_time_than_lanes():
    backend = Gated(shut=True)
    shared = SharedBackend(backend, 2)
    running = [Caller(shared, numbered(n)) for n in range(2)]
    backend.wait_for(2)
    waiting = queued(shared, *(numbered(*range(MOST_AT_ONCE)) for _ in range(4)))
    assert len(backend.batches) == 2
    backend.gate.set()
    for caller in (*running, *waiting):
        check(caller)
    assert backend.most_at_once == 2


class Failing(Gated):
    """Raises for batches with a 13 in them."""

    error = InputError("the device is gone")

    def answer(self, frames):
        if (frames == 13).any():
            raise self.error
        return answers(frames)


def test_an_error_reaches_everybody_of_that_batch_and_nobody_else():
    backend = Failing(shut=True)
    shared = SharedBackend(backend, 1)
    first = Caller(shared, numbered(0))
    backend.wait_for(1)
    hit = queued(shared, numbered(1), numbered(13), numbered(*range(2, MOST_AT_ONCE)))
    later = queued(shared, numbered(5))
    backend.gate.set()
    for caller in hit:
        assert caller.end().error is Failing.error and caller.got is None
    for caller in (first, *later):
        check(caller)
    assert np.array_equal(shared.infer(numbered(3))["value"], [3]), "it can still be used"


@pytest.mark.parametrize("wrong", [None, {"value": 3.0}])
def test_an_answer_that_is_none_is_an_error_for_everybody_of_the_batch(wrong):
    backend = Gated(shut=True)
    shared = SharedBackend(backend, 1)
    first = Caller(shared, numbered(0))
    backend.wait_for(1)
    others = queued(shared, numbered(1), numbered(2))
    backend.answer = lambda frames: answers(frames) if frames[0, 0, 0, 0] == 0 else wrong
    backend.gate.set()
    check(first)
    for caller in others:
        assert caller.end().error is not None
    backend.answer = answers
    assert shared.infer(numbered(4))["value"] == [4]


def test_calls_that_do_not_fit_together_fail_without_leaving_anybody_waiting():
    backend = Gated(shut=True)
    shared = SharedBackend(backend, 1)
    first = Caller(shared, numbered(0))
    backend.wait_for(1)
    others = queued(shared, numbered(1), np.zeros((1, 5, 5, 3), np.uint8))
    backend.gate.set()
    check(first)
    for caller in others:
        assert isinstance(caller.end().error, ValueError)
    assert shared.infer(numbered(4))["value"] == [4]
