from random import Random

from hypothesis import given
from hypothesis import strategies as st

from leukoscope.runtime.sources.backoff import FACTOR, FIRST_S, JITTER, MOST_S, Backoff


class Least(Random):
    def random(self):
        return 0.0


def test_delays_double_up_to_the_longest_and_begin_again():
    backoff = Backoff(1, 10, Least())
    assert [backoff.next_s() for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    backoff.reset()
    assert backoff.next_s() == 1


@given(st.integers(), st.integers(1, 40))
def test_chance_shortens_a_delay_by_no_more_than_its_share(seed, tries):
    backoff = Backoff(rng=Random(seed))
    for k in range(tries):
        whole_s = min(MOST_S, FIRST_S * FACTOR**k)
        assert whole_s * (1 - JITTER) <= backoff.next_s() <= whole_s


def test_two_stations_do_not_wait_equally_long():
    assert Backoff(rng=Random(1)).next_s() != Backoff(rng=Random(2)).next_s()
