from collections import Counter
from threading import Thread

from leukoscope.runtime.drops import KNOWN, OVERTAKEN, Drops


class Source:
    def __init__(self, **drops):
        self.own = drops

    def drops(self):
        return self.own


def test_the_sources_own_drops_and_ours_are_one_count_by_cause():
    drops = Drops(Source(late=3, overtaken=1, frozen=0))
    for cause in (KNOWN, OVERTAKEN, OVERTAKEN):
        drops.add(cause)
    assert drops.counts() == {"late": 3, OVERTAKEN: 3, KNOWN: 1}


def test_captured_is_what_was_given_and_what_the_source_lost():
    drops = Drops(Source(late=3, garbage=2))
    for _ in range(4):
        drops.give()
    drops.add(KNOWN)
    assert drops.books() == (9, {"late": 3, "garbage": 2, KNOWN: 1})


def test_the_books_are_of_one_moment():
    """A camera whose reader goes on between two questions must not leave frames unaccounted for."""

    class Growing:
        asked = 0

        def drops(self):
            self.asked += 1
            return {"late": self.asked}

    drops = Drops(Growing())
    for _ in range(5):
        captured, counts = drops.books()
        assert captured == sum(counts.values())


def test_threads_lose_no_count():
    drops = Drops(Source())

    def work():
        for number in range(500):
            drops.give()
            drops.add(f"cause {number % 3}")

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    captured, counts = drops.books()
    assert captured == 2000 and Counter(counts).total() == 2000
    assert counts == drops.counts()


def test_without_drops_there_is_nothing():
    assert Drops(Source(late=0)).counts() == {}
