import json
from dataclasses import fields, replace

import pytest
from engine_made import KEY
from hypothesis import given
from hypothesis import strategies as st
from stand_in import Script, library

from leukoscope.runtime.backends.cuda.driver import DeviceFacts
from leukoscope.runtime.engines.key import Key, ahead_of_time_key, device_key
from leukoscope.runtime.engines.request import BuildRequest

FACTS = DeviceFacts("Orin", (8, 7), True, (12, 6), 8 << 30, "pycuda")
OTHER = {field.name: "other" for field in fields(Key)} | {"profile": (1, 2, 8)}


@pytest.mark.parametrize("name", list(OTHER))
def test_each_part_makes_another_engine(name):
    other = replace(KEY, **{name: OTHER[name]})
    assert other.digest != KEY.digest and other.stem != KEY.stem


def test_of_a_device():
    trt = library(Script())
    found = device_key("xincept_all", "int8_fp16", "ab" * 32, trt, BuildRequest(), FACTS)
    assert found == KEY
    assert not found.ahead_of_time


def test_ahead_of_time_is_for_every_device_of_its_capability():
    request = BuildRequest("tensorrt-rtx", compute_capability="8.7")
    trt = library(Script(), "tensorrt-rtx", "1.7.1")
    made = ahead_of_time_key("n", "fp32", "ab" * 32, trt, request, "8.7")
    here = device_key("n", "fp32", "ab" * 32, trt, request, FACTS)
    assert made.ahead_of_time and made != here
    assert here.built_ahead() == made


@given(st.builds(Key, *[st.text()] * 3, st.tuples(*[st.integers()] * 3), *[st.text()] * 5))
def test_survives_its_json_and_names_a_plain_file(key):
    assert Key.from_json(json.loads(json.dumps(key.to_json()))) == key
    assert set(key.stem) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert len(key.stem) < 100


@pytest.mark.parametrize(
    "change", [{"gpu": 3}, {"profile": [1, 2]}, {"profile": "abc"}, {"profile": [1, 2, True]}]
)
def test_a_damaged_key(change):
    with pytest.raises((TypeError, ValueError)):
        Key.from_json(KEY.to_json() | change)
