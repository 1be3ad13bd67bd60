"""Reduced copies."""

import numpy as np
import pytest

from leukoscope.runtime.choose.reduced import Reducer


@pytest.mark.parametrize(
    ("size", "reduced"),
    [
        ((1920, 1080), (240, 135)),
        ((3840, 2160), (240, 135)),
        ((1280, 720), (213, 120)),
        ((640, 480), (213, 160)),
        ((224, 224), (224, 224)),
        ((32, 32), (32, 32)),
        ((4000, 32), (250, 2)),
    ],
)
def test_the_factor_is_whole_and_the_copy_small(size, reduced):
    assert Reducer()(np.zeros((size[1], size[0], 3), np.uint8)).shape == reduced[::-1]


def test_it_is_the_green_plane():
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[..., 1] = 77
    pixels[..., 0] = 200
    assert np.unique(Reducer()(pixels)).tolist() == [77]


def test_brightness_keeps_its_place():
    pixels = np.zeros((1080, 1920, 3), np.uint8)
    pixels[:540, 960:] = 200
    green = Reducer()(pixels)
    assert green[:66, 122:].min() == 200
    assert green[70:].max() == 0
    assert green[:, :118].max() == 0


def test_the_same_buffers_serve_frames_of_one_size():
    reduce = Reducer()
    first = reduce(np.zeros((480, 640, 3), np.uint8))
    second = reduce(np.full((480, 640, 3), 9, np.uint8))
    assert first is second
    assert reduce(np.zeros((224, 224, 3), np.uint8)) is not first


def test_a_small_frame_is_neither_changed_nor_kept():
    pixels = np.full((100, 100, 3), 7, np.uint8)
    reduce = Reducer()
    reduce(pixels)
    reduce(np.full((480, 640, 3), 9, np.uint8))
    assert (pixels == 7).all()
