from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.hand_over import Aborted, HandOver
from leukoscope.runtime.in_order import InOrder

PATIENCE_S = 20


def took(order):
    """All things, without the pauses."""
    return [thing for thing in order.take(PATIENCE_S) if thing is not None]


@given(st.permutations(range(12)))
def test_whatever_order_they_come_in_they_are_given_out_by_number(numbers):
    order = InOrder(1)
    for number in numbers:
        order.put(number, f"thing {number}")
    order.close(len(numbers))
    assert took(order) == [f"thing {number}" for number in range(12)]


@given(st.permutations(range(8)), st.integers(0, 8))
def test_each_is_given_out_as_soon_as_its_turn_has_come(numbers, closed_after):
    order, given_out = InOrder(8), []
    taker = order.take(0.0)
    for count, number in enumerate(numbers):
        if count == closed_after:
            order.close(len(numbers))
        order.put(number, number)
        while (thing := next(taker, None)) is not None:
            given_out.append(thing)
        have = set(numbers[: count + 1])
        wanted = next(n for n in range(9) if n not in have)
        assert given_out == list(range(wanted))


@given(
    window=st.integers(1, 9),
    workers=st.integers(1, 5),
    room=st.integers(1, 3),
    others=st.sets(st.integers(0, 39)),
)
def test_no_window_and_no_number_of_workers_lock_each_other_out(window, workers, room, others):
    """As the stream does: numbers go to workers in order, but `others`, which are put at once and by the one who counts."""
    order, tickets, ahead, wanted = InOrder(window), HandOver(room), [], [0]

    def count():
        for number in range(40):
            if number in others:
                order.put(number, number)
            else:
                tickets.put(number)
        tickets.close()
        order.close(40)

    def work():
        for number in tickets:
            order.admit(number)
            ahead.append(number - wanted[0])
            order.put(number, number)

    threads = [Thread(target=one, daemon=True) for one in (count, *[work] * workers)]
    for thread in threads:
        thread.start()
    given_out = []
    for thing in order.take(PATIENCE_S):
        assert thing is not None, "nothing moves"
        given_out.append(thing)
        wanted[0] = thing + 1
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert given_out == list(range(40))
    # `wanted` lags behind the place's own number by the thing that is in the taker's hand.
    assert max(ahead, default=0) <= window


@pytest.mark.parametrize("window", [1, 2, 5])
def test_who_is_too_far_ahead_is_held_back_until_the_writer_has_come_nearer(window):
    order, admitted = InOrder(window), Event()
    for number in range(window):
        order.admit(number)
        order.put(number, number)

    def ahead():
        order.admit(window)
        admitted.set()

    Thread(target=ahead, daemon=True).start()
    assert not admitted.wait(0.02)
    assert next(order.take(PATIENCE_S)) == 0
    assert admitted.wait(PATIENCE_S)


def test_the_taker_may_look_around_while_nothing_comes():
    order = InOrder(4)
    taker = order.take(0.001)
    order.put(1, "later")
    assert [next(taker), next(taker)] == [None, None]
    order.put(0, "first")
    assert [next(taker), next(taker)] == ["first", "later"]
    assert next(taker) is None


def test_it_ends_when_all_have_come_and_not_before():
    order = InOrder(4)
    order.put(0, "a")
    order.close(2)
    taker = order.take(0.001)
    assert next(taker) == "a" and next(taker) is None
    order.put(1, "b")
    assert list(taker) == ["b"]


def test_of_none_it_ends_at_once():
    order = InOrder(1)
    order.close(0)
    assert list(order.take(PATIENCE_S)) == []


def test_abort_frees_who_waits_to_be_admitted_and_ends_the_taking():
    order, came = InOrder(1), []

    def ahead():
        try:
            order.admit(3)
        except Aborted:
            came.append(Aborted)

    threads = [Thread(target=ahead, daemon=True) for _ in range(3)]
    taken = Thread(target=lambda: came.append(took(order)), daemon=True)
    for thread in (*threads, taken):
        thread.start()
    order.abort()
    for thread in (*threads, taken):
        thread.join(PATIENCE_S)
    assert sorted(map(str, came)) == sorted([str(Aborted)] * 3 + ["[]"])
    with pytest.raises(Aborted):
        order.admit(0)
