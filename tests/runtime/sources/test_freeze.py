import numpy as np
from scripted_camera import S, picture

from leukoscope.runtime.sources.freeze import FreezeWatch


def shown(watch, pictures, every_s=1.0):
    """The verdict on each."""
    return [watch.look(p, int(k * every_s * S)) for k, p in enumerate(pictures)]


def test_the_same_picture_for_long_is_frozen_and_another_thaws_it():
    verdicts = shown(FreezeWatch(5), [picture(1)] * 8 + [picture(2)] * 2)
    assert verdicts == [False] * 5 + [True] * 3 + [False] * 2


def test_noise_of_one_level_in_one_sampled_pixel_is_life():
    first = picture(1)
    second = first.copy()
    second[0, 0, 0] ^= 1
    assert not any(shown(FreezeWatch(5), [first, second] * 20))


def test_a_change_between_the_samples_is_seen_before_a_verdict():
    """A clock in a corner of a still scene, between the rows and columns that are looked at."""
    large = np.random.default_rng(0).integers(0, 255, (960, 1280, 3), np.uint8)
    pictures = []
    for k in range(30):
        one = large.copy()
        one[1:4, 1:4] = k
        pictures.append(one)
    assert not any(shown(FreezeWatch(5), pictures))
    assert any(shown(FreezeWatch(5), [large] * 30))


def test_a_black_or_burnt_out_picture_proves_nothing():
    for level in (0, 255):
        assert not any(shown(FreezeWatch(5), [np.full((64, 64, 3), level, np.uint8)] * 30))


def test_a_limit_of_0_is_never():
    assert not any(shown(FreezeWatch(0), [picture(1)] * 1000))


def test_a_new_connection_begins_anew_unless_it_was_frozen():
    watch = FreezeWatch(5)
    shown(watch, [picture(1)] * 4)
    watch.connected()
    assert not watch.look(picture(1), 100 * S)
    assert not watch.look(picture(1), 101 * S)
    watch = FreezeWatch(5)
    assert shown(watch, [picture(1)] * 8)[-1]
    watch.connected()
    assert watch.look(picture(1), 100 * S)
    watch.connected()
    assert not watch.look(picture(2), 101 * S)


def test_another_size_is_another_picture():
    pictures = [picture(1), picture(1, (80, 48))] * 10
    assert not any(shown(FreezeWatch(5), pictures))
