import threading
import time

import numpy as np
import pytest

from leukoscope.errors import InputError
from leukoscope.images.painter.slide import paint_slide
from leukoscope.runtime.sources.slide import SlideSource, open_slide
from leukoscope.runtime.sources.slide_request import SlideRequest, parse_slide
from leukoscope.runtime.sources.source import SourceState

SMALL = "synthetic://slide?stage=early&seed=1&stops=3&size=200x160&rate=6&dwell=0.4"


@pytest.fixture(scope="module")
def frames():
    return list(open_slide(SMALL).frames(pytest.fail))


def test_every_frame_is_given_in_order_under_a_name_of_its_own(frames):
    source = open_slide(SMALL)
    assert source.total == len(frames) > 9 and not source.live and source.drops() == {}
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert len({frame.name for frame in frames}) == len(frames)
    assert frames[0].name == "slide_early_1_000000" and {f.source for f in frames} == {SMALL}
    assert {frame.size_px for frame in frames} == {(200, 160)}


def test_a_recording_has_its_own_time_and_true_ages(frames):
    """Frames lie 1/6 s apart on the stage's clock; the moment of giving is real, so an age is never negative."""
    assert [f.media_time_ns for f in frames[:3]] == [0, 166_666_667, 333_333_333]
    ticks = [frame.captured_tick_ns for frame in frames]
    assert ticks == sorted(ticks) and ticks[-1] <= time.monotonic_ns()
    assert frames[2].clock_ns == 333_333_333


def test_the_same_text_gives_the_same_frames(frames):
    again = list(open_slide(SMALL).frames(pytest.fail))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(frames, again, strict=True))
    other = next(open_slide(SMALL.replace("seed=1", "seed=5")).frames(pytest.fail))
    assert not np.array_equal(other.pixels, frames[0].pixels)


def test_a_frame_keeps_its_pixels_when_the_next_is_taken():
    given = open_slide(SMALL).frames(pytest.fail)
    first = next(given)
    kept = first.pixels.copy()
    for _ in range(4):
        next(given)
    assert np.array_equal(first.pixels, kept)


def test_the_truth_is_where_the_frames_are(frames):
    """A frame is like the slide at its place, and less so 4 px beside it."""
    source = open_slide(SMALL)
    truth = source.truth

    def likeness(index, off):
        x, y = (round(value) for value in truth.corner_px(index))
        there = source.slide.image[y : y + 160, x + off : x + off + 200]
        return np.corrcoef(there.ravel(), frames[index].pixels.ravel())[0, 1]

    for index in truth.sharpest():
        here, beside = likeness(index, 0), max(likeness(index, -4), likeness(index, 4))
        assert here > 0.95 and 1 - beside > 2 * (1 - here)
    assert len(truth.sharpest()) == 3 and truth.unique(truth.sharpest())


def test_states_are_told():
    events = []
    list(open_slide(SMALL).frames(pytest.fail, events.append))
    assert [event.state for event in events] == [SourceState.LIVE, SourceState.ENDED]


def test_memory_is_used_again_once_nobody_looks():
    source = open_slide(SMALL)
    for _ in source.frames(pytest.fail):
        pass
    assert source._ring.allocated <= 2


def test_stop_ends_it_after_the_frame_in_hand():
    source, taken = open_slide(SMALL), []
    for frame in source.frames(pytest.fail):
        taken.append(frame)
        source.stop()
    assert len(taken) == 1 and not list(source.frames(pytest.fail))


def test_a_slide_can_be_used_by_several_paths():
    request = parse_slide(SMALL)
    slide = open_slide(SMALL).slide
    source = SlideSource("again", request, slide=slide)
    assert source.slide is slide and source.slide_px == slide.size_px
    with pytest.raises(InputError, match="path needs"):
        SlideSource("small", request, slide=paint_slide("Early", 1, (200, 160), 20.0))


def test_a_slide_that_is_too_large_is_refused_before_anything_is_painted():
    with pytest.raises(InputError, match="slide of"):
        open_slide("synthetic://slide?stops=400&size=1920x1080")


class Clock:
    """A clock that another hand sets."""

    def __init__(self):
        self.now_ns = 5 * 10**9

    def __call__(self):
        return self.now_ns


@pytest.fixture
def live():
    """A live slide at 240 frames a second, and its clock; so fast that a test never waits to speak of."""
    clock = Clock()
    request = SlideRequest(stops=2, size_px=(160, 160), cell_px=20.0, rate_hz=240.0, live=True)
    return SlideSource("live", request, clock_ns=clock), clock


def test_a_live_slide_drops_what_is_not_taken_in_time_and_counts_it(live):
    source, clock = live
    given = source.frames(pytest.fail)
    assert source.live and source.total is None and source.drops() == {}
    assert next(given).index == 0
    clock.now_ns += 10 * 10**9 // 240 + 1000
    frame = next(given)
    assert frame.index == 10 and source.drops() == {"late": 9} and frame.media_time_ns is None
    assert next(given).index == 11
    clock.now_ns += 3600 * 10**9
    rest = [frame.index for frame in given]
    total = len(source.truth.moments)
    assert rest == [total - 1] and source.drops() == {"late": total - 4}


def test_a_live_slide_waits_for_its_frames(live, monkeypatch):
    """Where every frame is taken at once, the waits add up to the time of the path and nothing is late."""
    source, clock = live
    began = clock.now_ns

    class Waits(threading.Event):
        def wait(self, seconds):
            clock.now_ns += round(seconds * 1e9) + 1

    monkeypatch.setattr(source, "_stopped", Waits())
    indices = [frame.index for frame in source.frames(pytest.fail)]
    assert indices == list(range(len(source.truth.moments))) and source.drops() == {}
    assert (clock.now_ns - began) / 1e9 == pytest.approx(indices[-1] / 240, abs=1e-3)


def test_a_waiting_live_slide_can_be_stopped():
    request = SlideRequest(stops=1, size_px=(160, 160), cell_px=20.0, rate_hz=1.0, live=True)
    source = SlideSource("live", request, clock_ns=Clock())
    given, taken = source.frames(pytest.fail), []
    taken.append(next(given).index)
    thread = threading.Thread(target=lambda: taken.extend(f.index for f in given))
    thread.start()
    source.stop()
    thread.join(10)
    assert not thread.is_alive() and taken == [0]
