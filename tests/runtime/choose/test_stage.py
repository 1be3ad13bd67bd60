"""A scripted stage before the chooser: one field a stop, and every skip with its cause."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from painted_stage import PLACES, View, film, focus, move, rest, slide, tour

from leukoscope.runtime.choose.chooser import open_chooser


class Run:
    """A film through a chooser."""

    def __init__(self, views, mode="latest", rate=None, triggered=None, **how):
        chooser = open_chooser(mode, rate_hz=rate, triggered=triggered)
        self.choices = [chooser(frame) for frame in film(views, **how)]
        self.last = chooser.close()

    @property
    def taken(self):
        return [number for number, choice in enumerate(self.choices) if choice.taken]

    @property
    def stops(self):
        return [self.choices[number].stop for number in self.taken]

    @property
    def causes(self):
        return Counter(choice.cause for choice in self.choices)

    @property
    def missed(self):
        told = [choice.missed for choice in self.choices if choice.missed]
        return [(one.stop, one.cause) for one in [*told, *([self.last] if self.last else [])]]


@pytest.mark.parametrize(
    ("rate_hz", "rest_frames", "move_frames"), [(30, 14, 12), (60, 14, 16), (8, 5, 4), (3, 4, 2)]
)
def test_one_field_a_stop_at_every_frame_rate(rate_hz, rest_frames, move_frames):
    run = Run(tour(PLACES, rest_frames, move_frames), rate_hz=rate_hz)
    assert run.stops == [0, 1, 2, 3, 4]
    assert run.missed == []
    assert set(run.causes) == {None, "moving", "same_stop"}


@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_noise_is_no_motion(noise):
    run = Run(tour(PLACES[:3]), noise=noise)
    assert run.stops == [0, 1, 2]


def camera_s_own(kind):
    """What a camera adds at the same place of every frame: [240, 320, 1] (factor, summand)."""
    rng = np.random.default_rng(5)
    factor, summand = np.ones((240, 320, 1)), np.zeros((240, 320, 1))
    if kind == "sensor":
        summand = rng.normal(0, 2, (240, 320, 1))
    if kind == "dust":
        for x, y in zip(rng.integers(10, 310, 12), rng.integers(10, 230, 12), strict=True):
            factor[y - 3 : y + 3, x - 3 : x + 3] = 0.8
    if kind == "corners":
        y, x = np.mgrid[-1:1:240j, -1:1:320j]
        factor = (1 - 0.12 * (x**2 + y**2))[..., None]
    return factor, summand


@pytest.mark.parametrize("kind", ["sensor", "dust", "corners"])
def test_what_is_fixed_to_the_camera_does_not_hide_the_motion(kind):
    factor, summand = camera_s_own(kind)
    chooser = open_chooser("latest")
    stops = []
    for frame in film(tour(PLACES[:4], 12, 12)):
        pixels = np.clip(np.rint(frame.pixels * factor + summand), 0, 255).astype(np.uint8)
        choice = chooser(replace(frame, pixels=pixels))
        stops += [choice.stop] if choice.taken else []
    assert stops == [0, 1, 2, 3]
    assert chooser.close() is None


def test_the_field_is_taken_where_the_stage_stands():
    views = tour(PLACES[:3], 10, 8)
    for number in Run(views).taken:
        assert any(
            np.hypot(views[number].x_px - x, views[number].y_px - y) < 0.5 for x, y in PLACES
        )


def test_a_frame_is_not_taken_before_it_has_kept_its_place_for_a_while():
    run = Run(rest(*PLACES[0], 10))
    assert run.taken == [5]  # 5 / 30 s is the first time over 0.15 s
    assert [choice.cause for choice in run.choices[:5]] == ["moving"] * 5


def test_a_recording_read_faster_than_it_was_filmed_keeps_its_own_time():
    views = tour(PLACES[:3], 10, 8)
    assert Run(views, rate_hz=3000, rate=30.0).stops == [0, 1, 2]
    assert Run(views, rate_hz=3000).stops == []


def test_vibration_is_one_stop():
    views = [View(100 + 1.4 * np.sin(1.9 * i), 100 + np.cos(2.3 * i)) for i in range(30)]
    run = Run(views)
    assert run.stops == [0]
    assert run.causes["same_stop"] >= 20


def test_a_shake_that_comes_back_is_the_same_stop():
    shake = [View(100 + 30 * np.sin(1.1 * i) * np.exp(-i / 8), 100) for i in range(20)]
    run = Run(rest(100, 100, 12) + shake + rest(100, 100, 12))
    assert run.stops == [0]
    assert run.causes["moving"] > 8
    assert run.choices[-1].cause == "same_stop"


def test_going_away_and_coming_back_without_a_rest_is_the_same_stop():
    there = move(View(100, 100), 600, 100, 8)
    run = Run(rest(100, 100, 12) + there + move(there[-1], 100, 100, 8) + rest(100, 100, 12))
    assert run.stops == [0]


def test_a_return_after_another_stop_is_a_stop_of_its_own():
    assert Run(tour([PLACES[0], PLACES[1], PLACES[0]])).stops == [0, 1, 2]


def test_a_creeping_stage_is_a_new_stop_when_a_quarter_of_the_field_has_gone():
    views = [View(100 + 0.55 * i, 100) for i in range(310)]
    run = Run(views)
    assert run.stops == [0, 1, 2]
    first, second, third = (views[number].x_px for number in run.taken)
    assert second - first == pytest.approx(0.25 * 320, abs=4)
    assert third - second == pytest.approx(0.25 * 320, abs=4)


@pytest.mark.parametrize(
    ("step", "stops"),
    [((0.12, 0.0), 1), ((0.1, 0.1), 1), ((0.4, 0.0), 2), ((0.225, 0.225), 2), ((0.8, 0.0), 2)],
)
def test_fields_that_overlap_by_60_percent_or_less_are_two_stops(step, stops):
    views = tour([(100, 100), (100 + 320 * step[0], 100 + 240 * step[1])])
    assert len(Run(views).taken) == stops


def test_what_comes_out_of_focus_is_taken_when_it_is_sharp():
    there = move(View(40, 40), 420, 60, 10)
    turned = focus(rest(420, 60, 40), list(np.linspace(5, 0, 30)) + [0.0] * 10)
    run = Run(rest(40, 40, 12) + there + turned)
    assert run.stops == [0, 1]
    sharp = run.taken[1]
    assert run.choices[sharp].quality.sharpness_share > 0.9
    assert run.causes["out_of_focus"] > 10
    assert run.missed == []


def test_a_stop_that_stays_out_of_focus_is_one_missed_field():
    there = move(View(40, 40), 420, 60, 10)
    blurred = focus(rest(420, 60, 14), [3.0] * 14)
    back = move(blurred[-1], 700, 400, 10) + rest(700, 400, 12)
    run = Run(rest(40, 40, 12) + there + blurred + back)
    assert run.stops == [0, 2]
    assert run.missed == [(1, "out_of_focus")]
    told = next(choice.missed for choice in run.choices if choice.missed)
    assert told.frames == run.causes["out_of_focus"]
    assert run.choices[told.index].cause == "out_of_focus"
    assert told.quality == run.choices[told.index].quality
    assert told.captured_at_ns == 1_700_000_000 * 10**9 + 10**9 + round(told.index / 30 * 1e9)


def test_the_last_stop_s_missed_field_is_told_at_the_end_and_once():
    chooser = open_chooser("latest")
    for frame in film(rest(40, 40, 12, gain=0.3)):
        chooser(frame)
    last = chooser.close()
    assert (last.stop, last.cause) == (0, "too_dark")
    assert chooser.close() is None


@pytest.mark.parametrize(("gain", "cause"), [(0.3, "too_dark"), (3.0, "too_bright")])
def test_wrong_exposure_is_refused(gain, cause):
    run = Run(rest(40, 40, 12, gain=gain))
    assert run.stops == []
    assert run.missed == [(0, cause)]


def test_a_stop_on_bare_glass_is_empty():
    bare = np.full((900, 1200, 3), 215, np.uint8)
    run = Run(rest(40, 40, 12), image=bare)
    assert run.missed == [(0, "empty")]


def test_frames_of_another_size_begin_anew():
    chooser = open_chooser("latest")
    first = [chooser(frame) for frame in film(rest(40, 40, 12))]
    other = [chooser(frame) for frame in film(rest(40, 40, 12), size_px=(200, 160), first=12)]
    again = [chooser(frame) for frame in film(rest(40, 40, 12), first=24)]
    taken = [[choice.stop for choice in part if choice.taken] for part in (first, other, again)]
    assert taken == [[0], [1], [2]]
    assert other[0].quality.motion_px is None


def test_motion_is_measured_in_pixels_of_the_frame():
    chooser = open_chooser("latest")
    views = [View(100, 100), View(107, 100), View(107, 91)]
    motion = [chooser(f).quality.motion_px for f in film(views, size_px=(640, 480), image=slide())]
    assert motion[0] is None
    assert motion[1:] == [pytest.approx(7, abs=0.7), pytest.approx(9, abs=0.7)]
