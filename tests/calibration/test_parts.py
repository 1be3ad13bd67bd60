import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sets import candidate

from leukoscope.calibration.candidates import LeftOut
from leukoscope.calibration.parts import (
    LEAST,
    SHARES,
    agreeing,
    check_part,
    deal,
    deal_without_gate,
    each_once,
    pick,
)
from leukoscope.errors import InputError
from leukoscope.images.classes import STAGES


@st.composite
def folders(draw):
    """Some hundred candidates in groups of a few, one label a group, some of the groups near the training."""
    sizes = draw(st.lists(st.integers(1, 9), min_size=8, max_size=30))
    close = draw(st.sets(st.integers(0, len(sizes) - 1)))
    labels = draw(st.lists(st.sampled_from(STAGES), min_size=len(sizes), max_size=len(sizes)))
    return [
        candidate(100 * place + index, f"set/{place:02d}", labels[place], near=place in close)
        for place, size in enumerate(sizes)
        for index in range(size)
    ]


def names(members):
    return [one.name for one in members]


@given(folders(), st.integers(0, 3), st.randoms())
def test_parts_share_no_group_and_the_gate_has_nothing_near_the_training(found, seed, random):
    try:
        parts = deal(found, seed)
    except InputError:
        fresh = {one.group for one in found if not one.near}
        assert len(fresh) < 3 or not fresh
        return
    groups = [{one.group for one in members} for members in parts.values()]
    assert list(parts) == ["ranges", "search", "gate"]
    assert sum(map(len, groups)) == len(set.union(*groups)), "disjoint"
    dealt = [name for members in parts.values() for name in names(members)]
    assert sorted(dealt) == sorted(names(found)), "nothing is lost"
    assert not any(one.near for one in parts["gate"])
    shuffled = found[:]
    random.shuffle(shuffled)
    again = deal(shuffled, seed)
    assert {part: set(names(m)) for part, m in again.items()} == {
        part: set(names(m)) for part, m in parts.items()
    }


def in_groups(count, size, near=(), label=lambda place: STAGES[place % 4]):
    return [
        candidate(100 * place + i, f"set/{place:02d}", label(place), near=place in near)
        for place in range(count)
        for i in range(size)
    ]


def test_a_sites_own_data_are_dealt_out_by_the_shares():
    parts = deal(in_groups(80, 5), 1)
    for part, share in SHARES.items():
        assert len(parts[part]) == pytest.approx(400 * share, abs=10)
        assert {one.label for one in parts[part]} == set(STAGES)


def test_what_the_training_saw_gives_ranges_and_search_and_all_the_rest_judges():
    parts = deal(in_groups(40, 5, near=range(20)), 1)
    assert len(parts["gate"]) == 100 and len(parts["ranges"]) + len(parts["search"]) == 100
    assert all(one.near for one in parts["ranges"] + parts["search"])
    assert len(parts["ranges"]) > len(parts["search"]) >= LEAST["search"]


@pytest.mark.parametrize("near", [(0,), (0, 1), (0, 4, 8, 12, 16, 20, 24, 28)])
def test_too_little_near_the_training_joins_the_ranges(near):
    """One group, too few images, or one class where the others have more."""
    parts = deal(in_groups(40, 5, near), 1)
    close = [one.name for one in in_groups(40, 5, near) if one.near]
    assert set(close) < set(names(parts["ranges"]))
    assert all(any(not one.near for one in parts[part]) for part in parts)
    assert len(parts["gate"]) < 200 - len(close)


def test_all_of_it_trained_on_leaves_the_gate_empty():
    parts = deal(in_groups(40, 5, range(40)), 1)
    assert parts["gate"] == [] and parts["search"]


def test_without_a_gate_there_are_two_parts():
    parts = deal_without_gate(in_groups(40, 6), 1)
    assert list(parts) == ["ranges", "search"]
    assert len(parts["ranges"]) == pytest.approx(140, abs=6)


def test_another_seed_deals_otherwise():
    found = in_groups(40, 5)
    assert names(deal(found, 1)["gate"]) != names(deal(found, 2)["gate"])


def test_one_group_cannot_be_dealt_out():
    with pytest.raises(InputError, match=r"1 groups of images.*groups\.csv"):
        deal_without_gate(in_groups(1, 60), 1)


def test_copies_are_left_out_and_named():
    found = [candidate(3, pixels_sha256="p1"), candidate(1), candidate(2), candidate(4, "set/g1", pixels_sha256="p2")]  # fmt: skip
    left_out = LeftOut()
    assert names(each_once(found, left_out)) == ["set/1.png", "set/2.png"]
    assert left_out.sorted() == {"duplicate": ("set/3.png", "set/4.png")}


def test_of_two_copies_the_one_near_the_training_stays_so_that_the_other_cannot_judge():
    found = [candidate(1, "set/a"), candidate(2, "set/b", pixels_sha256="p1", near=True)]
    assert names(each_once(found, LeftOut())) == ["set/2.png"]


def test_an_image_under_two_labels_is_left_out_wherever_it_lies():
    found = [
        candidate(1), candidate(2, label="Pro", pixels_sha256="p1"), candidate(3),
        candidate(4, label="", pixels_sha256="p3"), candidate(5, pixels_sha256="p3"),
    ]  # fmt: skip
    left_out = LeftOut()
    assert names(agreeing(found, left_out)) == ["set/3.png", "set/4.png", "set/5.png"]
    assert left_out.names == {"labelled twice": ["set/1.png", "set/2.png"]}


def test_equal_shares_of_labels_spread_in_each():
    found = [
        candidate(i, f"set/{label}", label, np.array([float(i), 0.0]))
        for label, start, count in (("Benign", 0, 3), ("Pro", 100, 50))
        for i in range(start, start + count)
    ]
    left_out = LeftOut()
    got = pick(found, 7, left_out)
    by_label = {label: [one for one in got if one.label == label] for label in ("Benign", "Pro")}
    assert len(by_label["Benign"]) == 3 and len(by_label["Pro"]) == 4
    values = sorted(one.features[0] for one in by_label["Pro"])
    assert {100.0, 149.0} < set(values) and np.diff(values).min() > 8
    assert len(left_out.names["more than --images"]) == 46
    assert names(got) == [name for name in names(found) if name in set(names(got))], "order kept"


def test_features_count_alike_whatever_their_units():
    """Two images stand out in the second column alone, by a number that is small beside the first."""
    found = [candidate(i, features=np.array([100.0 * (i % 5), 0.0])) for i in range(20)]
    found += [candidate(20 + i, features=np.array([200.0, y])) for i, y in enumerate((-0.01, 0.01))]
    assert {20, 21} <= {int(one.item.path.stem) for one in pick(found, 3, LeftOut())}


def test_too_few_images_are_counted_with_what_was_left_out():
    left_out = LeftOut()
    left_out.add("unreadable", "x")
    found = in_groups(1, LEAST["ranges"])
    check_part("ranges", "sg_cldff", found, left_out)
    with pytest.raises(
        InputError, match=r"15 images for the ranges.*1 unreadable.*at least 16.*add"
    ):
        check_part("ranges", "sg_cldff", found[1:], left_out)
    with pytest.raises(InputError, match="7 images for the search part"):
        check_part("search", "sg_cldff", found[:7], left_out)
