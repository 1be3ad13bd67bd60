from collections import deque
from itertools import chain
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.hand_over import Aborted, HandOver

PATIENCE_S = 20


def run(*works):
    """The works at once, each in a thread; what each returned or raised, in their order."""
    came = [None] * len(works)

    def note(number, work):
        try:
            came[number] = work()
        except Aborted:
            came[number] = Aborted

    threads = [Thread(target=note, args=one, daemon=True) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "somebody hangs"
    return came


def started(work):
    """A thread, and what it returned or raised."""
    came = []

    def note():
        try:
            came.append(work())
        except Aborted:
            came.append(Aborted)

    thread = Thread(target=note, daemon=True)
    thread.start()
    return thread, came


@given(st.integers(1, 5), st.integers(0, 40))
def test_things_come_in_the_order_in_which_they_were_left(room, count):
    place = HandOver(room)

    def give():
        for thing in range(count):
            assert place.put(thing) is None
        place.close()

    assert run(give, lambda: list(place))[1] == list(range(count))


@given(st.integers(1, 4), st.integers(2, 5), st.integers(0, 60))
def test_several_takers_get_each_thing_once(room, takers, count):
    place = HandOver(room)

    def give():
        for thing in range(count):
            place.put(thing)
        place.close()

    taken = run(give, *([lambda: list(place)] * takers))[1:]
    assert sorted(chain(*taken)) == list(range(count))
    assert all(own == sorted(own) for own in taken)


@pytest.mark.parametrize("room", [1, 3])
def test_a_full_place_makes_the_giver_wait(room):
    place, one_more = HandOver(room), Event()
    for thing in range(room):
        place.put(thing)

    def give():
        place.put(room)
        one_more.set()

    thread, _ = started(give)
    assert not one_more.wait(0.02)
    taker = iter(place)
    assert next(taker) == 0 and one_more.wait(PATIENCE_S)
    place.close()
    assert list(taker) == list(range(1, room + 1))
    thread.join(PATIENCE_S)


@given(st.integers(1, 5), st.lists(st.booleans(), max_size=60))
def test_the_newest_displace_the_oldest_which_are_returned(room, takes):
    """Against a deque: True takes one where there is one, False leaves the next number."""
    place, model, number = HandOver(room, newest=True), deque(), 0
    taker = iter(place)
    for take in takes:
        if take and model:
            assert next(taker) == model.popleft()
        elif not take:
            gone = model.popleft() if len(model) == room else None
            assert place.put(number) == gone
            model.append(number)
            number += 1
    place.close()
    assert list(taker) == list(model)


def test_closed_it_gives_what_is_left_and_ends():
    place = HandOver(3)
    place.put("a")
    place.put("b")
    place.close()
    assert list(place) == ["a", "b"] and list(place) == []


def test_closing_frees_takers_who_wait():
    place = HandOver(1)
    threads = [started(lambda: list(place)) for _ in range(3)]
    place.close()
    for thread, came in threads:
        thread.join(PATIENCE_S)
        assert came == [[]]


def test_abort_frees_givers_and_takers_and_keeps_nothing():
    full, empty = HandOver(1), HandOver(1)
    full.put(0)
    waiting = [started(lambda: full.put(1)) for _ in range(2)]
    waiting += [started(lambda: list(empty)) for _ in range(2)]
    for place in (full, empty):
        place.abort()
    for thread, came in waiting:
        thread.join(PATIENCE_S)
        assert came == [Aborted]
    with pytest.raises(Aborted):
        list(full)
    with pytest.raises(Aborted):
        full.put(2)


def test_abort_after_close_wins():
    place = HandOver(2)
    place.put(1)
    place.close()
    place.abort()
    with pytest.raises(Aborted):
        next(iter(place))
