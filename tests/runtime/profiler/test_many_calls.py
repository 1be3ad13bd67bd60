import threading

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.contract import Contract
from leukoscope.runtime.engine import Engine
from leukoscope.runtime.profiler.many_calls import LEAST_BATCHES, calling, sweep, two_callers

SQUARES = [np.full((32, 32, 3), value, np.uint8) for value in range(5)]


class Counting:
    """Gives what XIncept-ALL gives, and notes which squares it was given, by whom."""

    name, precision = "onnxruntime-cpu", "fp32"

    def __init__(self, fails=False):
        self.batches, self.threads, self.fails = [], set(), fails

    def infer(self, frames):
        if self.fails:
            raise InputError("it fails")
        self.batches.append(tuple(int(one[0, 0, 0]) for one in frames))
        self.threads.add(threading.get_ident())
        n = len(frames)
        return {
            "probabilities": np.full((n, 2), 0.5, np.float32),
            "features": np.zeros((n, 3), np.float32),
            "cams": np.zeros((n, 2, 4, 4), np.float32),
        }


def engine_of(backend):
    return Engine("xincept_all", ("a", "b"), Contract(32), backend)


def never():
    return False


def test_squares_go_round():
    backend = Counting()
    call = calling(engine_of(backend), SQUARES)
    for number in range(7):
        call(number)
    assert backend.batches == [(0,), (1,), (2,), (3,), (4,), (0,), (1,)]


def test_batches_hold_different_squares_as_far_as_there_are_any():
    backend = Counting()
    call = calling(engine_of(backend), SQUARES, 2)
    for number in range(4):
        call(number)
    assert backend.batches == [(0, 1), (2, 3), (4, 0), (0, 1)]
    calling(engine_of(backend), SQUARES, 8)(0)
    assert backend.batches[-1] == (0, 1, 2, 3, 4, 0, 1, 2)


def test_every_batch_size_is_called_often_enough_however_short_the_time():
    backend = Counting()
    found = sweep(engine_of(backend), SQUARES, (1, 4), 0.0, never)
    assert [(one.batch, one.n) for one in found] == [(1, LEAST_BATCHES), (4, LEAST_BATCHES)]
    assert all(one.p50_ms == pytest.approx(one.batch * one.ms_a_square) for one in found)
    assert found[1].squares_per_s == pytest.approx(4000 / found[1].p50_ms)


def test_a_sweep_that_is_stopped_gives_what_it_has():
    assert sweep(engine_of(Counting()), SQUARES, (1, 2), 1.0, lambda: True) == ()


def test_two_threads_call_and_their_squares_are_counted_together():
    backend = Counting()
    found = two_callers(engine_of(backend), SQUARES, 0.2, never)
    assert len(backend.threads) == 2 and found is not None and found > 0


def test_what_a_caller_raises_is_raised():
    with pytest.raises(InputError, match="it fails"):
        two_callers(engine_of(Counting(fails=True)), SQUARES, 0.1, never)


def test_callers_that_are_stopped_at_once_have_no_rate():
    assert two_callers(engine_of(Counting()), SQUARES, 1.0, lambda: True) is None
