from threading import Event, Thread

import pytest
from stand_ins import blob_field, result_of

from leukoscope.errors import InputError
from leukoscope.runtime.hand_over import Aborted
from leukoscope.runtime.show import WAITING, Show

PATIENCE_S = 20


class Kept:
    """A sink that keeps what it is given, once it is let."""

    def __init__(self, fail_at=None, *, shut=False):
        self.got, self.let, self.begun, self._fail_at = [], Event(), Event(), fail_at
        if not shut:
            self.let.set()

    def write(self, result):
        self.begun.set()
        assert self.let.wait(PATIENCE_S)
        if result.frame.index == self._fail_at:
            raise InputError("no room")
        self.got.append(result.frame.index)


class WithSkips(Kept):
    def skip(self, frame):
        self.got.append(f"skip {frame.index}")


@pytest.fixture(scope="module")
def results():
    return [result_of(blob_field(index=index)) for index in range(12)]


def running(show):
    came = []

    def work():
        try:
            came.append(show.run())
        except Exception as error:
            came.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread, came


def end(thread):
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_every_sink_gets_every_result_in_order_and_only_some_want_skips(results):
    sinks = [Kept(), WithSkips()]
    show = Show(sinks)
    thread, came = running(show)
    show.put(results[0])
    show.put(blob_field(index=7))
    show.put(results[1])
    show.close()
    end(thread)
    assert sinks[0].got == [0, 1] and sinks[1].got == [0, "skip 7", 1] and came == [None]


def test_closed_it_still_shows_what_waits(results):
    sink = Kept(shut=True)
    show = Show([sink])
    thread, _ = running(show)
    for result in results[:WAITING]:
        show.put(result)
    show.close()
    sink.let.set()
    end(thread)
    assert sink.got == list(range(WAITING))


def test_the_writer_waits_for_slow_sinks(results):
    sink, done = Kept(shut=True), Event()
    show = Show([sink])
    thread, _ = running(show)

    def write():
        for result in results:
            show.put(result)
        done.set()

    Thread(target=write, daemon=True).start()
    assert sink.begun.wait(PATIENCE_S)
    assert not done.wait(0.02), "one in the sink's hand, WAITING in the row, the rest not put"
    sink.let.set()
    assert done.wait(PATIENCE_S)
    show.close()
    end(thread)
    assert sink.got == list(range(12))


def test_a_sink_that_fails_ends_it_and_frees_the_writer_who_waits(results):
    sinks = [Kept(shut=True), Kept(fail_at=0)]
    show = Show(sinks)
    thread, came = running(show)
    freed = []

    def write():
        try:
            for result in results:
                show.put(result)
        except Aborted:
            freed.append(True)

    writer = Thread(target=write, daemon=True)
    writer.start()
    assert sinks[0].begun.wait(PATIENCE_S)
    sinks[0].let.set()
    end(writer)
    end(thread)
    assert freed == [True] and str(came[0]) == "no room" and sinks[0].got == [0]


def test_abort_leaves_what_waits(results):
    sink = Kept(shut=True)
    show = Show([sink])
    thread, came = running(show)
    for result in results[:3]:
        show.put(result)
    assert sink.begun.wait(PATIENCE_S)
    show.abort()
    sink.let.set()
    end(thread)
    assert sink.got == [0] and isinstance(came[0], Aborted)


def test_without_sinks_nothing_waits(results):
    show = Show([])
    for result in results:
        show.put(result)
    thread, came = running(show)
    show.close()
    end(thread)
    assert came == [None]
