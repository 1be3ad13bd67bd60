"""A live source over scripted cameras; nothing here waits for real time to pass."""

from itertools import islice
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_camera import (
    CONNECTING,
    ENDED,
    GARBAGE,
    GONE,
    HANG,
    LIVE,
    LOST,
    PATIENCE_S,
    Play,
    picture,
    wait_until,
)

from leukoscope.runtime.sources.backoff import Backoff


def test_only_the_newest_frame_waits_and_the_others_are_counted_as_late():
    play = Play()
    play.camera.scripts.append([picture(0), play.given(1), *map(picture, (1, 2, 3))])
    with play:
        first = next(play.frames)
        wait_until(play.seen(4))
        second = next(play.frames)
        assert np.array_equal(first.pixels, picture(0))
        assert np.array_equal(second.pixels, picture(3))
        assert [f.index for f in (first, second)] == [0, 1]
        assert [f.name for f in (first, second)] == ["camera_000000", "camera_000001"]
        assert first.source == "scripted://camera"
        assert play.source.drops() == {"late": 2} and play.source.books() == (4, 2, 2)
    assert play.states == [CONNECTING, LIVE, ENDED]
    assert play.source.live and play.source.total is None


def test_a_frame_bears_the_time_at_which_it_was_grabbed():
    play = Play()
    play.camera.scripts.append([picture(0), play.given(1), 7, picture(1)])
    with play:
        first, second = islice(play.frames, 2)
        assert second.captured_tick_ns - first.captured_tick_ns == 7 * 10**9
        assert second.captured_at_ns - first.captured_at_ns == 7 * 10**9
        assert second.captured_tick_ns == play.clock.tick_ns()


def test_the_time_is_that_before_the_decoding():
    play = Play([picture(0)])
    play.camera.decode_s = 3
    began_ns = play.clock.tick_ns()
    with play:
        frame = next(play.frames)
    assert frame.captured_tick_ns == began_ns and play.clock.tick_ns() == began_ns + 3 * 10**9


def test_what_waits_at_the_stop_is_counted():
    play = Play()
    play.camera.scripts.append([picture(0), play.given(1), picture(1)])
    with play:
        next(play.frames)
        wait_until(play.seen(2))
        play.source.stop()
        assert list(play.frames) == []
        assert play.source.drops() == {"stopped": 1}
        play.check_books()


def test_a_camera_that_vanishes_comes_back_with_another_size():
    play = Play()
    play.camera.scripts.extend(
        [
            [picture(0), play.given(1), GONE],
            OSError("not yet"),
            [picture(1, (80, 40)), play.given(2), picture(2, (32, 32))],
        ]
    )
    with play:
        sizes = [frame.size_px for frame in islice(play.frames, 3)]
    assert sizes == [(64, 48), (80, 40), (32, 32)]
    assert play.states == [CONNECTING, LIVE, LOST, CONNECTING, LOST, CONNECTING, LIVE, ENDED]
    assert "64 x 48 px" in play.words and "80 x 40 px" in play.words
    play.check_books()


@pytest.mark.parametrize("fault", [GONE, OSError("rtsp://user:secret@host"), HANG])
def test_every_way_of_being_lost_while_live(fault):
    play = Play()
    play.camera.scripts.extend([[picture(0), play.state(LIVE), fault], [play.given(1), picture(1)]])
    with play:
        frames = list(islice(play.frames, 2))
    assert np.array_equal(frames[1].pixels, picture(1))
    assert play.states == [CONNECTING, LIVE, LOST, CONNECTING, LIVE, ENDED]
    assert "secret" not in play.words
    play.check_books()


@pytest.mark.parametrize("fault", [HANG, OSError("rtsp://user:secret@host"), [GONE], [HANG]])
def test_a_first_connection_that_fails_is_tried_again(fault):
    with Play(fault, fault, [picture(0)]) as play:
        next(play.frames)
    assert play.states == [CONNECTING, LOST] * 2 + [CONNECTING, LIVE, ENDED]
    assert "secret" not in play.words


def test_a_camera_that_opens_slowly_is_not_lost():
    with Play([8, picture(0)], stall_s=5, open_s=15) as play:
        next(play.frames)
    assert play.states == [CONNECTING, LIVE, ENDED]


class Delays(Backoff):
    """Writes down how long it would wait, and does not."""

    def __init__(self):
        super().__init__(1, 64, Random(0))
        self.asked = []

    def next_s(self):
        self.asked.append(super().next_s())
        return 0.0


def test_a_camera_that_comes_and_goes_waits_longer_each_time_and_one_that_stayed_does_not():
    delays = Delays()
    brief = [[picture(k), 1, picture(k + 10), GONE] for k in range(4)]
    long = [[picture(20), 9, picture(21), 9, picture(22), GONE]]
    with Play(*brief, *long, [picture(30)], backoff=delays, stall_s=100) as play:
        for frame in play.frames:
            if np.array_equal(frame.pixels, picture(30)):
                break
    *growing, last = delays.asked
    assert all(2**k / 2 <= delay <= 2**k for k, delay in enumerate(growing))
    assert len(growing) == 4 and last <= 1


def test_a_frame_of_a_connection_that_was_given_up_is_stale():
    play = Play()
    play.camera.scripts.extend([[picture(0), HANG, picture(1)], [play.given(1), picture(2)]])
    with play:
        frames = list(islice(play.frames, 2))
        play.camera.over.set()
        wait_until(play.seen(3))
        assert np.array_equal(frames[1].pixels, picture(2))
        assert play.source.drops() == {"stale": 1}
        play.check_books()


GARBAGES = {
    "undecodable": GARBAGE,
    "empty": np.empty((0, 0, 3), np.uint8),
    "grey": np.zeros((64, 64), np.uint8),
    "four channels": np.zeros((64, 64, 4), np.uint8),
    "16 bits": np.zeros((64, 64, 3), np.uint16),
    "tiny": picture(0, (31, 64)),
}


@pytest.mark.parametrize("garbage", GARBAGES.values(), ids=GARBAGES)
def test_garbage_is_counted_and_the_next_good_picture_is_given(garbage):
    with Play([garbage, garbage, picture(1)]) as play:
        frame = next(play.frames)
        assert np.array_equal(frame.pixels, picture(1))
        assert play.source.drops() == {"garbage": 2}
    assert play.states == [CONNECTING, LIVE, ENDED]


def test_much_garbage_in_a_row_is_a_lost_camera():
    play = Play()
    play.camera.scripts.extend(
        [[picture(0), play.state(LIVE), *[GARBAGE] * 10, picture(1)], [play.given(1), picture(2)]]
    )
    with play:
        frames = list(islice(play.frames, 2))
        assert np.array_equal(frames[1].pixels, picture(2))
        assert play.source.drops() == {"garbage": 10}
    assert play.states == [CONNECTING, LIVE, LOST, CONNECTING, LIVE, ENDED]
    assert "10 pictures in a row" in play.words


def test_garbage_that_a_good_picture_interrupts_is_no_loss():
    play = Play()
    script = [picture(0), *[GARBAGE] * 9, picture(1), *[GARBAGE] * 9, picture(2)]
    play.camera.scripts.append(script)
    with play:
        play.take_rest()
        wait_until(play.seen(21))
        assert LOST not in play.states and play.source.drops()["garbage"] == 18


def test_garbage_alone_stalls():
    """Slow garbage: before ten came, the time without a good frame is over."""
    play = Play()
    play.camera.scripts.extend(
        [[picture(0), play.state(LIVE), GARBAGE, 6, GARBAGE, HANG], [play.given(1), picture(1)]]
    )
    with play:
        next(play.frames), next(play.frames)
    assert "no usable picture" in play.words


def test_a_frozen_camera_is_lost_until_it_shows_another_picture():
    same = [step for _ in range(12) for step in (picture(5), 1)]
    play = Play(frozen_s=10, stall_s=100)
    play.camera.scripts.extend(
        [[*same, picture(5)], [picture(5)], [picture(5)], [play.state(LOST, 3), picture(6)]]
    )
    with play:
        for frame in play.frames:
            if np.array_equal(frame.pixels, picture(6)):
                break
        assert play.source.drops()["frozen"] == 3
        play.check_books()
    # Each new connection that still shows the same picture is lost again before it is live.
    assert play.states == [CONNECTING, LIVE, *[LOST, CONNECTING] * 3, LIVE, ENDED]
    assert "frozen" in play.words


def test_an_outage_that_is_too_long_ends_the_source_with_one_line():
    refusals = [[picture(0), play_gone := GONE], *[[10, play_gone]] * 20]
    with Play(*refusals, max_outage_s=45, stall_s=1000, open_s=1000) as play:
        frames = list(play.frames)
    assert len(frames) == 1 and play.states[-2:] == [LOST, ENDED]
    assert play.camera.opened == 6
    (fault,) = play.faults
    assert "scripted://camera gave no picture for 50 s" in str(fault) and "\n" not in str(fault)
    assert "45 s" in str(fault) and "--max-outage" in str(fault)


def test_a_camera_that_never_comes_ends_after_the_outage_too():
    with Play(HANG, hang_s=30, max_outage_s=20, open_s=1000) as play:
        assert list(play.frames) == []
    assert play.states == [CONNECTING, LOST, ENDED] and len(play.faults) == 1


def test_outages_do_not_add_up():
    scripts = [[picture(k), GONE] for k in range(6)]
    for script in scripts:
        script.insert(1, 30)
    play = Play(*scripts, [picture(9)], max_outage_s=40, stall_s=1000)
    with play:
        for frame in play.frames:
            if np.array_equal(frame.pixels, picture(9)):
                break
    assert play.faults == []


def test_no_more_than_a_few_drivers_hang_at_once():
    play = Play(*[HANG] * 20)
    with play:
        play.take_rest()
        wait_until(lambda: "4 earlier tries still hang" in play.words)
        assert play.camera.opened == 4
        play.camera.scripts.clear()
        play.camera.scripts.append([picture(0)])
        play.camera.over.set()
        wait_until(play.state(LIVE))


STATES = {
    "connecting, hanging": ([HANG], {"hang_s": 0.0}, CONNECTING, {}),
    "live, silent": ([[picture(0)]], {}, LIVE, {}),
    "live, hanging": ([[picture(0), HANG]], {"hang_s": 0.0}, LIVE, {}),
    "lost, waiting": ([], {"backoff_s": 10_000.0}, LOST, {}),
}


@pytest.mark.parametrize(("scripts", "settings_", "state", "_"), STATES.values(), ids=STATES)
def test_a_stop_ends_the_frames_in_every_state(scripts, settings_, state, _):
    with Play(*scripts, **settings_) as play:
        taking = play.take_rest()
        wait_until(play.state(state))
        play.source.stop()
        taking.join(PATIENCE_S)
        assert not taking.is_alive()
        assert play.states[-1] is ENDED and play.faults == []
        play.check_books()


def test_after_a_stop_there_is_nothing():
    with Play([picture(0)]) as play:
        play.source.stop()
        assert list(play.frames) == [] and play.camera.opened == 0
    assert play.states == [ENDED]


def test_the_frame_in_hand_is_finished_when_it_is_stopped():
    with Play([picture(0)]) as play:
        frame = next(play.frames)
        play.source.stop()
        assert list(play.frames) == [] and np.array_equal(frame.pixels, picture(0))
    assert play.states == [CONNECTING, LIVE, ENDED] or play.states == [CONNECTING, ENDED]


def test_the_camera_is_let_go_at_the_end():
    play = Play()
    play.camera.scripts.append([picture(0), play.given(1), lambda: play.source._stopped, GONE])
    with play:
        next(play.frames)
        play.source.stop()
        assert list(play.frames) == []
        assert play.camera.released == 1


def test_a_listener_that_fails_is_heard():
    play = Play([picture(0)])

    def listen(event):
        raise RuntimeError("listener")

    with play, pytest.raises(RuntimeError, match="listener"):
        list(play.source.frames(play.faults.append, listen))


STEP = st.one_of(
    st.integers(0, 5).map(picture),
    st.sampled_from([GARBAGE, GONE, HANG, 3, 6, OSError("driver")]),
)


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(st.lists(STEP, max_size=30), st.just(HANG), st.just(OSError("no"))), max_size=6
    ),
    st.integers(0, 8),
)
def test_whatever_happens_every_frame_that_was_seen_is_given_or_counted(scripts, wanted):
    scripts = [[*script, GONE] if isinstance(script, list) else script for script in scripts]
    end = [[1000, GONE] for _ in range(4)]
    brief = {"hang_s": 100, "hang_real_s": 0.01}
    with Play(*scripts, *end, max_outage_s=2000, frozen_s=5, **brief) as play:
        taken = list(islice(play.frames, wanted))
        play.source.stop()
        seen, given_, dropped = play.source.books()
        assert given_ == len(taken) <= wanted
        assert seen == given_ + dropped
        assert [frame.index for frame in taken] == list(range(len(taken)))
    assert play.states[:1] in ([CONNECTING], []) and play.states[-1:] in ([ENDED], [])


def test_a_busy_camera_and_a_busy_taker_lose_no_frame_from_the_books():
    pictures = [picture(k) for k in range(7)]
    script = [pictures[k % 7] for k in range(5000)]
    with Play([*script, GONE], max_outage_s=1) as play:
        play.camera.scripts.append([2, GONE])
        taken = list(play.frames)
        assert play.source.books() == (5000, len(taken), 5000 - len(taken))
        assert play.camera.grabbed == 5000
        assert play.source.drops() == {"late": 5000 - len(taken)}
