from dataclasses import replace

import pytest
from stand_ins import blob_field, result_of
from viewer_made import ABOUT

from leukoscope.runtime.sources.source import SourceEvent, SourceState
from leukoscope.runtime.viewer.board import AGES, Ages, Board, RunState


@pytest.fixture
def board():
    return Board(ABOUT)


def aged(index, age_ms):
    result = result_of(blob_field(index=index))
    return replace(result, finished_tick_ns=result.frame.captured_tick_ns + int(age_ms * 1e6))


def test_before_anything_has_come(board):
    assert board.newest is None and board.kept == frozenset() and board.field(1) is None
    assert board.state is RunState.RUNNING and board.message is None
    assert board.source.state is SourceState.CONNECTING and board.books() == (0, {})
    assert board.counts().fields == 0 and board.ages() == Ages(None, None, 0)


def test_a_field_is_counted_and_kept_and_told(board):
    first, second = result_of(blob_field(index=0)), result_of(blob_field(index=1), flags=("x",))
    board.show(first)
    board.show(second)
    assert board.newest.result is second and board.field(1).result is first
    counts = board.counts()
    assert (counts.fields, counts.stages, counts.cells) == (2, {"Early": 2}, {"blast": 4})
    assert counts.white_cells == 4 and counts.flags == {"x": 1}
    assert counts.heading == "not enough cells: 4 of 100 white cells"
    assert board.news.version == 2


def test_ages_are_of_the_last_fields(board):
    for index in range(AGES + 20):
        board.show(aged(index, 1000 if index < 20 else index - 19))
    ages = board.ages()
    assert ages.n == AGES and ages.median_ms == pytest.approx(25.5)
    assert ages.p95_ms == pytest.approx(47.55)


def test_states_are_told_and_what_is_over_stays_over(board):
    board.move_to(RunState.ENDING)
    board.move_to(RunState.FAILED, "the journal: disk full")
    board.move_to(RunState.ENDED)
    assert board.state is RunState.FAILED and board.message == "the journal: disk full"
    assert board.state.is_over and not RunState.ENDING.is_over and board.news.version == 2


def test_a_source_s_state_is_told(board):
    board.hear(SourceEvent(SourceState.LOST, "unplugged", 5))
    assert board.source.detail == "unplugged" and board.news.version == 1
