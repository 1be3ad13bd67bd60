import asyncio
import threading

import pytest

from leukoscope.runtime.viewer.made_once import MadeOnce


def made(work):
    """What `work(once, calls, make)` returns, in a loop; `make(value)` gives a maker that is counted."""

    async def run():
        once, calls = MadeOnce(), []

        def make(value):
            def maker():
                calls.append(value)
                if isinstance(value, Exception):
                    raise value
                return value

            return maker

        try:
            return await work(once, calls, make)
        finally:
            once.close()

    return asyncio.run(run())


def test_whoever_asks_it_is_made_once():
    async def work(once, calls, make):
        got = await asyncio.gather(*(once.get(1, "picture", make(b"p")) for _ in range(20)))
        assert got == [b"p"] * 20 and calls == [b"p"]
        assert await once.get(1, "picture", make(b"q")) == b"p"
        assert await once.get(1, "mask", make(b"m")) == b"m"
        assert await once.get(2, "picture", make(b"2")) == b"2"
        assert calls == [b"p", b"m", b"2"]

    made(work)


def test_fields_that_are_gone_are_forgotten():
    async def work(once, calls, make):
        for number in range(6):
            await once.get(number, "picture", make(number))
        once.keep({4, 5})
        assert set(once._made) == {4, 5}
        assert await once.get(0, "picture", make(100)) == 100

    made(work)


def test_a_maker_that_fails_is_tried_again():
    async def work(once, calls, make):
        with pytest.raises(ValueError, match="no"):
            await once.get(1, "picture", make(ValueError("no")))
        assert await once.get(1, "picture", make(b"p")) == b"p"

    made(work)


def test_who_leaves_does_not_take_it_from_the_others():
    async def work(once, calls, make):
        go_on = threading.Event()

        def slow():
            go_on.wait(20)
            return b"slow"

        first, second = (asyncio.ensure_future(once.get(1, "p", slow)) for _ in range(2))
        await asyncio.sleep(0.02)
        first.cancel()
        await asyncio.sleep(0)
        go_on.set()
        assert await second == b"slow"

    made(work)


def test_one_thread_makes_everything():
    async def work(once, calls, make):
        threads = await asyncio.gather(
            *(once.get(number, "p", threading.get_ident) for number in range(10))
        )
        assert len(set(threads)) == 1 and threading.get_ident() not in threads

    made(work)
