"""The three modes, the microscope's profile, and frames of any kind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from painted_stage import PLACES, View, film, move, rest, tour

from leukoscope.errors import UsageError
from leukoscope.runtime.choose.choice import SKIPS, Choice
from leukoscope.runtime.choose.chooser import MODES, PRESS_WAITS_S, open_chooser
from leukoscope.runtime.choose.profile import open_profile
from leukoscope.runtime.field import Frame


def frame_of(pixels, number, tick_ns):
    return Frame(pixels, "test", f"f{number}", number, 0, tick_ns)


class Key:
    """Pressed before the frames of these numbers."""

    def __init__(self, *presses):
        self.presses, self.asked = presses, -1

    def __call__(self):
        self.asked += 1
        return self.asked in self.presses


def on_key(views, *presses, **how):
    chooser = open_chooser("trigger", triggered=Key(*presses))
    choices = [chooser(frame) for frame in film(views, **how)]
    return choices, chooser.close()


def taken(choices):
    return [number for number, choice in enumerate(choices) if choice.taken]


def test_all_takes_everything_and_measures_nothing():
    chooser = open_chooser("all")
    for frame in film(tour(PLACES[:2], 2, 2)):
        assert chooser(frame) == Choice(None, None, None)
    assert chooser.close() is None


def test_another_mode_and_a_trigger_without_a_key_are_refused():
    with pytest.raises(UsageError, match="wanted all or latest or trigger"):
        open_chooser("newest")
    with pytest.raises(UsageError, match="no key"):
        open_chooser("trigger")


def test_a_press_takes_the_frame_in_hand():
    choices, last = on_key(rest(*PLACES[0], 20), 10, 14)
    assert taken(choices) == [10, 14]
    assert {choice.cause for choice in choices} == {None, "not_triggered"}
    assert last is None
    assert choices[10].stop == choices[14].stop == 0


def test_a_press_while_the_stage_moves_takes_the_next_still_frame():
    views = tour(PLACES[:2], 12, 12)
    choices, _ = on_key(views, 15)
    (number,) = taken(choices)
    assert number > 24
    assert views[number] == View(*PLACES[1])
    assert {choice.cause for choice in choices[15:number]} == {"moving"}
    assert all(choice.missed is None for choice in choices)


def test_presses_while_one_waits_have_their_turn_after_it():
    """A key that is asked once a frame: the second press is asked for when the first has its field."""
    presses = iter([True, True])
    views = tour(PLACES[:2], 12, 12)
    chooser = open_chooser("trigger", triggered=lambda: next(presses, False))
    choices = [chooser(frame) for frame in film(views)]
    first, second = taken(choices)
    assert second == first + 1


def test_what_is_asked_for_is_taken_though_it_is_bad():
    choices, _ = on_key(rest(*PLACES[0], 10) + rest(*PLACES[0], 10, blur_px=3.0), 16)
    assert taken(choices) == [16]
    assert choices[16].quality.sharpness_share < 0.6
    choices, _ = on_key(rest(*PLACES[0], 10, gain=0.3), 8)
    assert taken(choices) == [8]


@pytest.mark.parametrize(("level", "cause"), [(0, "too_dark"), (120, "empty"), (255, "too_bright")])
def test_a_press_on_a_picture_of_nothing_is_a_missed_field(level, cause):
    blank = np.full((900, 1200, 3), level, np.uint8)
    choices, last = on_key(rest(*PLACES[0], 14), 8, image=blank, noise=0.0)
    assert taken(choices) == []
    assert choices[8].cause == cause
    assert (choices[8].missed.cause, choices[8].missed.index) == (cause, 8)
    assert choices[9].cause == "not_triggered"
    assert last is None


def test_a_press_lapses_when_the_stage_never_stands():
    views = [View(40 + 8 * (i % 90), 40 + 300 * (i // 90)) for i in range(90)]
    choices, last = on_key(views, 4)
    told = [number for number, choice in enumerate(choices) if choice.missed]
    assert told == [4 + round(PRESS_WAITS_S * 30)]
    assert choices[told[0]].missed.cause == "moving"
    assert choices[told[0]].missed.stop is None
    assert choices[told[0] + 1].cause == "not_triggered"
    assert last is None


def test_a_press_that_still_waits_at_the_end_is_missed():
    _, last = on_key(rest(*PLACES[0], 3), 1)
    assert (last.cause, last.frames) == ("moving", 2)


def test_a_profile_tells_a_blurred_first_stop_from_a_sharp_one(tmp_path):
    profile = open_profile("left", tmp_path)
    chooser = open_chooser("latest", profile=profile)
    for frame in film(rest(*PLACES[0], 12)):
        chooser(frame)
    chooser.close()
    profile.save()

    def first_causes(kept):
        chooser = open_chooser("latest", profile=kept)
        return {chooser(frame).cause for frame in film(rest(*PLACES[1], 12, blur_px=2.0))}

    assert first_causes(open_profile("left", tmp_path)) == {"moving", "out_of_focus"}
    assert None in first_causes(open_profile("new", tmp_path))


def test_a_trigger_too_learns_the_microscope_s_focus(tmp_path):
    profile = open_profile("left", tmp_path)
    chooser = open_chooser("trigger", profile=profile, triggered=Key())
    for frame in film(rest(*PLACES[0], 12)):
        chooser(frame)
    chooser.close()
    assert profile.best_sharpness((320, 240)) > 0.3


def test_frames_that_move_do_not_teach_focus(tmp_path):
    profile = open_profile("left", tmp_path)
    chooser = open_chooser("latest", profile=profile)
    for frame in film(move(View(40, 40), 700, 500, 20)):
        chooser(frame)
    chooser.close()
    assert profile.best_sharpness((320, 240)) is None


def test_a_clock_that_runs_back_or_stands_still_is_survived():
    frames = list(film(rest(*PLACES[0], 40)))
    chooser = open_chooser("latest")
    ticks = [frame.captured_tick_ns for frame in frames]
    ticks[10:] = [tick - 10**12 for tick in ticks[10:]]
    ticks[20:25] = [ticks[19]] * 5
    causes = [
        chooser(frame_of(frame.pixels, number, tick)).cause
        for number, (frame, tick) in enumerate(zip(frames, ticks, strict=True))
    ]
    assert causes.count(None) == 1
    assert causes[-1] == "same_stop"


def test_a_long_gap_is_no_motion():
    frames = list(film(rest(*PLACES[0], 12)))
    chooser = open_chooser("latest")
    causes = [chooser(frame_of(f.pixels, i, i * 60 * 10**9)).cause for i, f in enumerate(frames)]
    assert causes == ["moving", None] + ["same_stop"] * 10


PICTURES = st.sampled_from(["black", "white", "grey", "noise", "lines", "dots", "sharp"])
SIZES = st.sampled_from([(32, 32), (33, 47), (224, 224), (64, 900), (480, 640)])


def picture(kind, size, seed):
    height, width = size
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), np.uint8)
    plane = np.full((height, width, 3), {"black": 0, "white": 255}.get(kind, 127), np.uint8)
    if kind == "lines":
        plane[:, ::2] = 255
    if kind == "dots":
        plane[rng.integers(0, height, 30), rng.integers(0, width, 30)] = 0
    if kind == "sharp":
        plane[: height // 2, : width // 2] = 255
    return plane


@given(
    st.sampled_from(MODES),
    st.lists(
        st.tuples(PICTURES, SIZES, st.integers(0, 3), st.integers(-(10**9), 10**10)),
        min_size=1,
        max_size=12,
    ),
)
def test_any_row_of_pictures_is_chosen_from_without_an_error(mode, row):
    chooser = open_chooser(mode, triggered=Key(2, 5))
    tick, stops, missed = 0, [], []
    for number, (kind, size, seed, step) in enumerate(row):
        tick += step
        choice = chooser(frame_of(picture(kind, size, seed), number, tick))
        assert choice.cause is None or choice.cause in SKIPS
        stops += [choice.stop] if choice.stop is not None else []
        missed += [choice.missed] if choice.missed else []
        if choice.quality is not None:
            assert all(
                0 <= value <= 1
                for value in (choice.quality.brightness, choice.quality.cover, choice.quality.piled)
            )
            assert choice.quality.sharpness >= 0
    last = chooser.close()
    assert stops == sorted(stops)
    assert all(one.cause in SKIPS for one in [*missed, *([last] if last else [])])


def test_grey_frames_and_read_only_ones_are_fine():
    frame = next(iter(film(rest(*PLACES[0], 1))))
    grey = np.repeat(frame.pixels[..., 1:2], 3, axis=2)
    grey.setflags(write=False)
    chooser = open_chooser("latest")
    causes = [chooser(frame_of(grey, i, i * 10**8)).cause for i in range(4)]
    assert causes == ["moving", "moving", None, "same_stop"]


def test_a_frame_is_left_as_it_is():
    for size in ((224, 224), (640, 480)):
        frame = next(iter(film(rest(*PLACES[0], 1), size_px=size)))
        before = frame.pixels.copy()
        chooser = open_chooser("latest")
        chooser(frame)
        chooser(frame)
        assert np.array_equal(frame.pixels, before)
