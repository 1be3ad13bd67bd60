from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows_made import field

from leukoscope.runtime.slide_report.groups import BLOCKS, ISLANDS, block_length, groups_of


def on_islands(*islands: int | None):
    return [field(i, island=island) for i, island in enumerate(islands, start=1)]


def test_islands_are_the_groups_where_they_tell_of_spread():
    fields = on_islands(1, 1, 2, 3, 3, 4, 5)
    groups = groups_of(fields)
    assert (groups.kind, groups.count) == (ISLANDS, 5)
    assert groups.of(fields)[0] == groups.of(fields)[1] != groups.of(fields)[2]


@pytest.mark.parametrize(
    "islands", [(1, 1, 2, 3, 4), (1,) * 6 + (2, 3, 4, 5), (1, 2, 3, 4, 5, None)]
)
def test_too_few_islands_or_one_too_large_or_a_field_without_give_blocks(islands):
    assert groups_of(on_islands(*islands)).kind == BLOCKS


def test_islands_that_met_later_are_one_group():
    fields = on_islands(1, 2, 3, 4, 5, 6)
    fields.append(field(7, island=1, joined=(2, 3)))
    groups = groups_of(fields)
    names = groups.of(fields)
    assert groups.kind == BLOCKS  # four are left
    fields += [field(8, island=7), field(9, island=8)]
    groups = groups_of(fields)
    names = groups.of(fields)
    assert groups.kind == ISLANDS and groups.count == 6
    assert names[0] == names[1] == names[2] == names[6]


def test_islands_of_a_damaged_journal_that_join_in_a_ring_end():
    fields = [field(1, island=1, joined=(2,)), field(2, island=2, joined=(1,))]
    assert groups_of(fields).count == 1


@given(st.integers(0, 400))
def test_blocks_are_contiguous_and_about_equally_long(n):
    fields = [field(i) for i in range(1, n + 1)]
    groups = groups_of(fields)
    names = groups.of(fields)
    sizes = Counter(names)
    assert names == sorted(names, key=lambda name: int(name.split()[1]))
    assert len(sizes) == groups.count == (n // block_length(n) or (1 if n else 0))
    if n >= block_length(n):
        assert min(sizes.values()) >= block_length(n)
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_blocks_grow_with_the_cube_root():
    assert [block_length(n) for n in (0, 5, 125, 126, 1000, 5000)] == [5, 5, 5, 6, 10, 18]
