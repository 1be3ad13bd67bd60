import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from leukoscope.errors import InputError
from leukoscope.runtime.lazily import Lazily


def test_each_thing_is_made_once_and_only_when_asked_for():
    made = []
    things = Lazily({"a": lambda: made.append("a") or 1, "b": lambda: made.append("b") or 2})
    assert list(things) == ["a", "b"] and len(things) == 2 and made == []
    assert things["b"] == things["b"] == 2 and made == ["b"]
    assert things.get("c") is None and "a" in things


def test_who_asks_second_waits_for_the_first():
    asked, go, made = threading.Event(), threading.Event(), []

    def make():
        asked.set()
        go.wait(5)
        made.append(1)
        return len(made)

    things = Lazily({"a": make})
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: things["a"])
        asked.wait(5)
        second = pool.submit(lambda: things["a"])
        go.set()
        assert first.result(5) == second.result(5) == 1


def test_an_error_is_raised_to_everybody_who_asks():
    def fail():
        raise InputError("broken")

    things = Lazily({"a": fail})
    for _ in range(2):
        with pytest.raises(InputError, match="broken"):
            things["a"]
