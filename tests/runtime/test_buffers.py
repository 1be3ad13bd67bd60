import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.buffers import BufferRing

SHAPE = (48, 64, 3)


def address(array):
    return array.__array_interface__["data"][0]


def test_an_array_has_the_shape_and_type_that_were_asked_for():
    for shape, kind in [(SHAPE, np.uint8), ((5,), np.float32), ((2, 3), np.int64), ((0, 4), "u2")]:
        array = BufferRing().take(shape, kind)
        assert array.shape == shape and array.dtype == kind
        assert array.flags.c_contiguous and array.flags.writeable and array.flags.aligned


def test_memory_that_nobody_holds_is_used_again():
    ring = BufferRing()
    places = set()
    for _ in range(100):
        array = ring.take(SHAPE, np.uint8)
        places.add(address(array))
        del array
    assert ring.allocated == 1 and len(places) == 1


@pytest.mark.parametrize(
    "hold",
    [
        lambda a: a,
        lambda a: a[3:4, 5:9],
        lambda a: a[:, :, ::-1].T[1],
        lambda a: a.reshape(-1).view(np.uint8)[7:9],
        memoryview,
        lambda a: memoryview(a[2]).cast("B"),
        lambda a: a.data,
        lambda a: a.flat,
        lambda a: np.frombuffer(a, np.uint8),
        lambda a: np.asarray(a).squeeze(),
        lambda a: np.broadcast_to(a[0, 0], (9, 3)),
        lambda a: np.lib.stride_tricks.as_strided(a, (2,), (1,)),
        lambda a: {"deep": [(a[1],)]},
        lambda a: lambda: a,
        lambda a: a.ctypes,
    ],
)
def test_memory_that_is_held_in_any_way_is_left_alone(hold):
    ring = BufferRing()
    array = ring.take(SHAPE, np.uint8)
    place, held = address(array), hold(array)
    del array
    assert address(ring.take(SHAPE, np.uint8)) != place
    del held
    again = [ring.take(SHAPE, np.uint8) for _ in range(2)]
    assert place in [address(array) for array in again]


def test_more_than_the_ring_holds_is_allocated_and_let_go():
    ring = BufferRing(3)
    held = [ring.take(SHAPE, np.uint8) for _ in range(10)]
    assert len({address(array) for array in held}) == 10
    assert len(ring._blocks) == 3
    held.clear()
    for _ in range(5):
        ring.take(SHAPE, np.uint8)
    assert ring.allocated == 10


def test_another_size_takes_over_and_the_old_memory_goes():
    ring = BufferRing(2)
    for size in (100, 60, 10_000, 100, 10_000):
        ring.take((size,), np.uint8)
    assert sum(block.size for block in ring._blocks) <= 10_100
    assert len(ring._blocks) <= 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["take", "drop", "slice"]), st.integers(0, 9), st.integers(1, 40))
    )
)
def test_no_two_that_are_held_ever_overlap(steps):
    ring, held = BufferRing(3), []
    for number, (step, which, size) in enumerate(steps):
        if step == "take":
            array = ring.take((size, 4), np.uint8)
            array[:] = number % 251
            held.append((array, number % 251))
        elif held:
            array, mark = held.pop(which % len(held))
            if step == "slice":
                held.append((array[size // 2 :], mark))
        assert all((array == mark).all() for array, mark in held)
    spans = sorted((address(a), address(a) + a.nbytes) for a, _ in held if a.size)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


class Slow(BufferRing):
    """Lets the other threads run between the look for a free block and its taking."""

    def _is_free(self, index):
        free = super()._is_free(index)
        time.sleep(0.001)
        return free


def test_threads_never_share_one():
    ring = Slow(6)
    del (blocks := [ring.take(SHAPE, np.uint8) for _ in range(6)])[:]
    threads = [
        threading.Thread(target=lambda: blocks.append(ring.take(SHAPE, np.uint8))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({address(array) for array in blocks}) == 4 and ring.allocated == 6
