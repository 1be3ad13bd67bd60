import asyncio
import threading
import time

from leukoscope.runtime.viewer.news import News


def test_who_waits_is_told_by_another_thread():
    async def wait():
        news = News()
        waiting = asyncio.ensure_future(news.after(0, 20))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        threading.Thread(target=news.tell).start()
        return await waiting

    assert asyncio.run(wait()) == 1


def test_what_has_happened_already_is_not_waited_for():
    news = News()
    news.tell()
    assert asyncio.run(asyncio.wait_for(news.after(0, 100), 20)) == 1


def test_without_news_the_wait_ends():
    news = News()
    assert asyncio.run(news.after(0, 0.01)) == 0 and news._waiting == {}


def test_all_who_wait_are_told():
    async def wait():
        news = News()
        waiting = [asyncio.ensure_future(news.after(0, 20)) for _ in range(30)]
        await asyncio.sleep(0.02)
        news.tell()
        return await asyncio.gather(*waiting)

    assert asyncio.run(wait()) == [1] * 30


def test_a_loop_that_is_stuck_or_gone_makes_nobody_wait_and_grows_nothing():
    news, loop = News(), asyncio.new_event_loop()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(news.after(0, 20),), daemon=True
    )
    thread.start()
    while not news._waiting:
        time.sleep(0.001)
    loop.call_soon_threadsafe(time.sleep, 0.5)
    for _ in range(10_000):
        news.tell()
    assert news._waiting == {} and news.version == 10_000
    thread.join(20)
    waiting = asyncio.Event()
    loop.close()
    news._waiting[waiting] = loop
    news.tell()
    assert news.version == 10_001
