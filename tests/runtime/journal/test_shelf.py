import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_made import numbered, textured

from leukoscope.runtime.journal.shelf import (
    FLAGGED,
    LEADING_PER_KIND,
    Claim,
    Shelf,
    kind_of,
    weight_of,
)


def kept(shelf: Shelf, kind: str) -> list[int]:
    return [claim.field for claim in shelf._claims.get(kind, [])]


def offer(shelf: Shelf, field: int, kind: str, weight: float, size_bytes: int = 10) -> list[int]:
    shelf.put(Claim(weight, -field, kind, size_bytes))
    return [claim.field for claim in shelf.overflow()]


def test_the_lightest_of_the_largest_kind_goes():
    shelf = Shelf(40)
    assert [offer(shelf, i, FLAGGED, w) for i, w in enumerate((1.5, 1.2, 1.9, 1.1), 1)] == [[]] * 4
    assert offer(shelf, 5, "leading:Pro", 0.2) == [4]
    assert offer(shelf, 6, "leading:Pro", 0.1) == [2]
    # Both take as much now: no kind can push the other out any further.
    assert offer(shelf, 7, FLAGGED, 9.0) == [1]
    assert kept(shelf, FLAGGED) == [3, 7] and kept(shelf, "leading:Pro") == [6, 5]


def test_equal_pictures_are_not_exchanged():
    shelf = Shelf(20)
    offer(shelf, 1, FLAGGED, 1.0), offer(shelf, 2, FLAGGED, 1.0)
    assert not shelf.wants(FLAGGED, 1.0)
    assert offer(shelf, 3, FLAGGED, 1.0) == [3]


def test_of_leading_fields_there_are_so_many_and_no_more():
    shelf = Shelf(1 << 30)
    for field in range(1, LEADING_PER_KIND + 1):
        assert shelf.wants("leading:Pre", 0.8) and offer(shelf, field, "leading:Pre", 0.8) == []
    assert not shelf.wants("leading:Pre", 0.8) and shelf.wants("leading:Pre", 0.81)
    assert offer(shelf, 99, "leading:Pre", 0.81) == [LEADING_PER_KIND]
    assert shelf.wants("leading:Pro", 0.1) and shelf.wants(FLAGGED, 0.1)


def test_a_picture_larger_than_the_budget_is_not_kept():
    shelf = Shelf(20)
    offer(shelf, 1, FLAGGED, 1.0)
    assert offer(shelf, 2, "leading:Pro", 1.0, size_bytes=21) == [2]
    assert kept(shelf, FLAGGED) == [1]


def test_no_budget_wants_nothing():
    assert not Shelf(0).wants(FLAGGED, 5.0)


claims = st.lists(
    st.tuples(
        st.sampled_from([FLAGGED, "leading:Pro", "leading"]),
        st.floats(0, 3),
        st.integers(1, 60),
    ),
    max_size=60,
)


@given(claims, st.integers(0, 200))
def test_the_budget_always_holds_and_what_is_kept_outweighs_what_went(offers, budget):
    shelf, gone = Shelf(budget), {}
    for field, (kind, weight, size) in enumerate(offers, 1):
        shelf.put(Claim(weight, -field, kind, size))
        for claim in shelf.overflow():
            gone[claim.field] = claim
        assert shelf.size_bytes <= budget
    left = {claim.field for held in shelf._claims.values() for claim in held}
    assert left.isdisjoint(gone) and left | set(gone) == set(range(1, len(offers) + 1))
    assert shelf.size_bytes == sum(offers[field - 1][2] for field in left)


@pytest.mark.parametrize(
    ("result", "kind", "weight"),
    [
        (numbered(0, sure=0.9), "leading:Early", 0.9),
        (numbered(0, sure=0.75, stage="Pro", flags=("a", "b")), FLAGGED, 2.25),
    ],
)
def test_what_a_field_is_kept_for(result, kind, weight):
    assert kind_of(result) == kind and weight_of(result) == weight


def test_a_field_without_a_vote_weighs_its_cells():
    from dataclasses import replace

    bare = replace(numbered(0), vote=None)
    assert (kind_of(bare), weight_of(bare)) == ("leading", 2.0)
    assert weight_of(replace(textured(0), vote=None, flags=("a",))) == 1.0
