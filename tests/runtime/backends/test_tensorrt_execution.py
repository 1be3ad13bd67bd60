import numpy as np
import pytest

from leukoscope.runtime.backends.tensorrt_execution import join, overlap, split


@pytest.mark.parametrize(
    ("count", "limit", "sizes"), [(0, 4, []), (1, 4, [1]), (4, 4, [4]), (9, 4, [4, 4, 1])]
)
def test_frames_are_cut_into_batches_that_fit_and_joined_again(count, limit, sizes):
    frames = np.arange(count * 3, dtype=np.uint8).reshape(count, 3)
    parts = list(split(frames, limit))
    assert [len(part) for part in parts] == sizes
    if parts:
        whole = join([{"a": part.astype(np.float32), "b": part[:, :1] * 2.0} for part in parts])
        np.testing.assert_array_equal(whole["a"], frames)
        np.testing.assert_array_equal(whole["b"], frames[:, :1] * 2.0)


class Flights:
    """Begins, finishes and discards, in the order in which it was told to."""

    def __init__(self):
        self.log = []

    def run(self, batches):
        return overlap(
            batches, lambda b: self._note("begin", b), self._finish, lambda b: self._note("drop", b)
        )

    def _note(self, word, batch):
        self.log.append((word, batch))
        return batch

    def _finish(self, batch):
        return {"of": self._note("finish", batch)}


def test_the_next_batch_is_begun_before_the_last_one_is_finished():
    flights = Flights()
    assert [found["of"] for found in flights.run("abc")] == ["a", "b", "c"]
    words = [f"{word} {batch}" for word, batch in flights.log]
    assert words == ["begin a", "begin b", "finish a", "begin c", "finish b", "finish c"]


def test_what_is_in_flight_when_nobody_wants_more_is_dropped():
    flights = Flights()
    running = flights.run("abcd")
    next(running)
    running.close()
    assert flights.log[-1] == ("drop", "b") and ("begin", "c") not in flights.log


def test_a_source_that_fails_leaves_nothing_in_flight():
    def source():
        yield "a"
        raise OSError("the camera is gone")

    flights = Flights()
    with pytest.raises(OSError, match="camera"):
        list(flights.run(source()))
    assert flights.log == [("begin", "a"), ("drop", "a")]
