import pytest

from leukoscope.runtime.metrics.intervals import wilson
from leukoscope.runtime.slide_report.shares import shares_of

NAMES = ("Benign", "Early")
GROUPS = ["a", "a", "b", "b", "c"]


def test_shares_count_and_add_up():
    counts = [{"Early": 2}, {"Early": 1, "Benign": 1}, {"Benign": 1}, {}, {"Early": 1}]
    shares = shares_of(NAMES, counts, GROUPS)
    assert (shares.total, shares.groups) == (6, 3)
    assert [(one.name, one.count) for one in shares.parts] == [("Benign", 2), ("Early", 4)]
    assert sum(one.share for one in shares.parts) == pytest.approx(1)
    assert shares.leading.name == "Early"
    for one in shares.parts:
        assert one.interval.low <= one.share <= one.interval.high
        assert one.interval.low < one.interval.high


def test_where_all_agree_few_groups_say_less_than_many():
    few, many = (
        shares_of(NAMES, [{"Early": 1}] * (5 * n), [f"block {i // 5}" for i in range(5 * n)])
        for n in (3, 30)
    )
    assert few.parts[1].interval.high == many.parts[1].interval.high == 1
    assert few.parts[1].interval.low < 0.6 < 0.85 < many.parts[1].interval.low
    assert few.parts[0].interval.low == 0 and few.parts[0].interval.high > 0.4


def test_cells_are_draws_one_by_one():
    shares = shares_of(NAMES, [{"Early": 4}] * 5, GROUPS, one_by_one=True)
    assert [one.interval for one in shares.parts] == [wilson(0, 20), wilson(20, 20)]


def test_a_field_that_disagrees_does_not_make_the_answer_surer():
    groups = [f"block {i // 5}" for i in range(40)]
    agreed, but_one = (
        shares_of(NAMES, [{"Early": 1}] * n + [{"Benign": 1}] * (40 - n), groups) for n in (40, 39)
    )
    assert but_one.parts[1].interval.low < agreed.parts[1].interval.low


def test_a_share_that_is_the_same_in_every_group_has_a_width():
    counts = [{"Early": 1}, {"Benign": 1}, {"Early": 1}, {"Benign": 1}]
    low, high = vars(shares_of(NAMES, counts, ["a", "a", "b", "b"]).parts[0].interval).values()
    assert low < 0.3 and high > 0.7


@pytest.mark.parametrize("groups", [["a"] * 5, ["a", "a", "a", "a", "b"]])
def test_one_group_has_no_interval(groups):
    shares = shares_of(NAMES, [{"Early": 1}] * 4 + [{}], groups)
    assert shares.groups == 1 and all(one.interval is None for one in shares.parts)


def test_nothing_is_no_share_of_nothing():
    shares = shares_of(NAMES, [], [])
    assert (shares.total, shares.groups, shares.leading) == (0, 0, None)
    assert all(one.share is None and one.interval is None for one in shares.parts)
    assert shares_of((), [{}], ["a"]).parts == ()
