import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import blob_field
from stream_made import PATIENCE_S, EveryNth, Fields, LiveFields, small_frame

from leukoscope.errors import InputError
from leukoscope.runtime.choose.choice import Choice
from leukoscope.runtime.drops import KNOWN, OVERTAKEN, PAUSED, Drops
from leukoscope.runtime.field_scale import FieldScale
from leukoscope.runtime.in_order import InOrder
from leukoscope.runtime.intake import READ_AHEAD, STOPS_AHEAD, Intake, Rules, without_pixels
from leukoscope.runtime.pause import Pause


class Taken:
    """An intake whose tickets and outcomes are collected when it has run."""

    def __init__(self, source, rules=None, *, take=True):
        self.outcomes, self.drops = InOrder(1000), Drops(source)
        self.intake = Intake(source, rules or Rules(), self.outcomes, self.drops)
        self.faults, self.events, self.errors, self.tickets = [], [], [], []
        works = [lambda: self.intake.capture(self.faults.append, self.events.append)]
        works += [self.intake.choose]
        works += [lambda: self.tickets.extend(self.intake.tickets)] if take else []
        self.threads = [threading.Thread(target=self.note, args=(w,), daemon=True) for w in works]
        for thread in self.threads:
            thread.start()

    def note(self, work):
        try:
            work()
        except Exception as error:
            self.errors.append(error)

    def end(self):
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        return self

    @property
    def frames(self):
        return [ticket.frame.index for ticket in self.tickets]

    def told(self):
        """Outcomes by number, without waiting."""
        return dict(self.outcomes._arrived)


def wait_until(true):
    until_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def test_every_frame_is_a_ticket_where_nothing_is_asked():
    got = Taken(Fields(9, unreadable=[2])).end()
    assert got.frames == [0, 1, 3, 4, 5, 6, 7, 8] and got.drops.books() == (9, {"unreadable": 1})
    assert [ticket.number for ticket in got.tickets] == list(range(8))
    assert [str(fault) for fault in got.faults] == ["field 2 is broken"] and not got.errors
    assert got.outcomes._total == 8


@given(st.integers(1, 5), st.integers(2, 6))
def test_numbers_have_no_gaps_whatever_is_chosen(take, miss):
    chooser = EveryNth(take, miss)
    got = Taken(Fields(30), Rules(choose=chooser, last_missed=chooser.close)).end()
    numbers = [ticket.number for ticket in got.tickets] + list(got.told())
    assert sorted(numbers) == list(range(got.outcomes._total))
    assert got.drops.books() == (30, {"moving": 30 - len(got.tickets)} if take > 1 else {})


def test_a_field_carries_what_was_found_on_its_way_in():
    choice, scale = Choice(None, 4, None), FieldScale(0.2, "given", 20.0)
    rules = Rules(
        choose=lambda frame: choice,
        scale=lambda frame: scale,
        flags=lambda frame: (f"{frame.scale.red_cell_px}",) if frame.index else (),
    )
    first, second = Taken(Fields(2), rules).end().tickets
    assert first.frame.choice is choice and first.frame.scale is scale
    assert first.frame.flags == () and second.frame.flags == ("20.0",), "the scale is known by then"
    assert np.array_equal(second.frame.pixels, small_frame(1).pixels)


def test_only_what_becomes_a_field_is_measured():
    asked = []

    def scale(frame):
        asked.append(frame.index)
        return frame.scale

    rules = Rules(choose=EveryNth(3, 99), scale=scale, known=lambda source, name: name == "f_3")
    got = Taken(Fields(9), rules).end()
    assert asked == got.frames == [0, 6] and got.drops.counts() == {KNOWN: 1, "moving": 6}


def test_a_stop_without_a_field_stands_for_the_frame_that_it_missed_and_holds_no_memory():
    chooser = EveryNth(take=100, miss=4)
    got = Taken(Fields(6), Rules(choose=chooser, last_missed=chooser.close)).end()
    first, last = (outcome for _, outcome in sorted(got.told().items()))
    assert first.skipped and first.result is None and first.error is None
    assert (first.frame.name, first.frame.index) == ("stop_000003", 3)
    assert first.frame.choice.cause == "empty" and first.frame.captured_at_ns == 5
    assert last.frame.choice.cause == "out_of_focus" and last.frame.index == 5
    assert first.frame.size_px == (10, 8) and sum(first.frame.pixels.strides) == 0


def test_a_source_without_frames_misses_nothing():
    rules = Rules(last_missed=lambda: pytest.fail("there was no frame"))
    got = Taken(Fields(0), rules).end()
    assert got.tickets == [] and got.outcomes._total == 0 and not got.errors


def test_of_a_camera_the_newest_waits_and_a_file_waits_itself():
    live = Taken(LiveFields(20), take=False).end()
    assert live.outcomes._total is not None, "nobody took a ticket, and it went on"
    assert list(live.intake.tickets)[-1].frame.index == 19
    assert live.drops.books()[1] == {OVERTAKEN: 19}
    read_ahead = threading.Event()

    class Watched(Fields):
        def frames(self, *tell):
            for frame in super().frames(*tell):
                if frame.index == 2 * READ_AHEAD + 1:
                    read_ahead.set()
                yield frame

    source = Watched(200)
    file = Taken(source, take=False)
    assert read_ahead.wait(PATIENCE_S)
    assert source.given <= 2 * READ_AHEAD + 2, "the queues' rooms and one in each hand"
    assert len(list(file.intake.tickets)) == 200
    file.end()


def test_chosen_fields_of_a_camera_wait_and_one_too_many_overtakes_the_oldest():
    looked = threading.Condition()
    chooser = EveryNth(1, 1000)

    def choose(frame):
        with looked:
            looked.notify_all()
            return chooser(frame)

    class Paced(LiveFields):
        def frames(self, *tell):
            for count, frame in enumerate(super().frames(*tell), 1):
                yield frame
                with looked:
                    assert looked.wait_for(lambda n=count: len(chooser.seen) >= n, PATIENCE_S)

    got = Taken(Paced(STOPS_AHEAD + 3), Rules(choose=choose, chosen_only=True), take=False).end()
    assert [t.frame.index for t in got.intake.tickets] == list(range(3, STOPS_AHEAD + 3))
    assert got.drops.counts() == {OVERTAKEN: 3}
    overtaken = got.told()
    assert sorted(overtaken) == [0, 1, 2]
    for outcome in overtaken.values():
        assert outcome.result is None and not outcome.skipped
        assert sum(outcome.frame.pixels.strides) == 0, "it would hold a camera's memory"


def test_a_rule_that_fails_closes_the_way_behind_the_fields_before_it():
    def choose(frame):
        if frame.index == 3:
            raise InputError("no more")
        return Choice(None, None, None)

    got = Taken(Fields(4), Rules(choose=choose)).end()
    assert got.frames == [0, 1, 2] and got.outcomes._total == 3
    assert [str(error) for error in got.errors] == ["no more"]


def test_a_source_that_fails_closes_the_way_behind_the_fields_before_it():
    got = Taken(Fields(9, fail_at=3)).end()
    assert got.frames == [0, 1, 2] and [str(error) for error in got.errors] == ["the file is gone"]


def test_a_stop_ends_the_source_and_finishes_what_it_gave():
    source = Fields(50, wait_at=20)
    got = Taken(source)
    assert source.reached.wait(PATIENCE_S)
    got.intake.stop()
    got.end()
    assert got.intake.stopped.is_set() and got.frames == list(range(20))


def test_abort_frees_both_threads():
    source = Fields(50)
    got = Taken(source, take=False)
    got.intake.abort()
    got.end()
    assert source.given < 50 and all(type(error).__name__ == "Aborted" for error in got.errors)


def test_a_frame_without_pixels_keeps_its_size_and_all_else():
    frame = replace(blob_field(index=5), flags=("scale_off",))
    bare = without_pixels(frame)
    assert bare.size_px == frame.size_px and bare.pixels.dtype == np.uint8 and not bare.pixels.any()
    assert replace(bare, pixels=frame.pixels).__dict__ == frame.__dict__


def paused_after(pause, index, chooser=None):
    """A chooser that takes all, and pauses when it has seen that frame."""

    def choose(frame):
        if frame.index == index:
            pause.begin()
        return Choice(None, None, None) if chooser is None else chooser(frame)

    return choose


def test_a_file_s_frames_wait_while_it_is_paused():
    pause = Pause()
    got = Taken(Fields(9), Rules(choose=paused_after(pause, 3), pause=pause))
    got.threads[1].join(0.3)
    assert got.threads[1].is_alive() and got.frames == [0, 1, 2, 3]
    pause.end()
    got.end()
    assert got.frames == list(range(9)) and got.drops.counts() == {}


def test_a_camera_s_frames_are_dropped_while_it_is_paused_and_counted():
    pause = Pause()
    source = LiveFields(9, wait_at=5)
    chooser = EveryNth(take=1, miss=100)
    got = Taken(source, Rules(choose=chooser, chosen_only=True, pause=pause))
    assert source.reached.wait(PATIENCE_S)
    wait_until(lambda: len(got.frames) + sum(got.drops.counts().values()) == 5)
    before = list(chooser.seen)
    pause.begin()
    source.go_on.set()
    got.end()
    captured, drops = got.drops.books()
    assert captured == len(got.frames) + sum(drops.values()) == 9
    assert chooser.seen == before  # a stop that was not looked at is not a stop that was taken
    assert drops[PAUSED] + drops.get(OVERTAKEN, 0) + drops.get("late", 0) >= 4 and drops[PAUSED]


@pytest.mark.parametrize("end", ["stop", "abort"])
def test_a_run_that_is_ended_while_paused_waits_no_longer(end):
    pause = Pause()
    pause.begin()
    source = Fields(9)
    got = Taken(source, Rules(pause=pause))
    wait_until(lambda: source.given >= READ_AHEAD)
    getattr(got.intake, end)()
    got.end()
    captured, drops = got.drops.books()
    assert got.frames == []
    if end == "stop":
        assert drops == {PAUSED: captured} and captured == source.given
