"""What all files have in common: states, stopping, and that nothing is lost."""

import pytest

from leukoscope.runtime.sources.folder import FolderSource
from leukoscope.runtime.sources.source import SourceState
from leukoscope.runtime.sources.synthetic import SyntheticSource


@pytest.fixture
def source(image_folder):
    paths = [image_folder(f"{k}.png", k) for k in range(5)]
    paths[1].write_text("no image")
    return FolderSource(paths[0].parent, paths)


def test_it_is_live_until_all_is_read(source):
    events, faults = [], []
    frames = list(source.frames(faults.append, events.append))
    assert [f.index for f in frames] == [0, 2, 3, 4]
    assert [event.state for event in events] == [SourceState.LIVE, SourceState.ENDED]
    assert events[1].detail == "all read after 4 fields"
    assert events[0].at_tick_ns <= events[1].at_tick_ns
    assert not source.live and source.drops() == {"unreadable": 1} and len(faults) == 1


def test_what_cannot_be_read_is_counted_anew_each_time(source):
    for _ in range(2):
        list(source.frames(lambda fault: None))
        assert source.drops() == {"unreadable": 1}


def test_a_stop_ends_it_after_the_frame_in_hand(source):
    events = []
    frames = source.frames(pytest.fail, events.append)
    assert next(frames).index == 0
    source.stop()
    assert list(frames) == [] and list(source.frames(lambda fault: None)) == []
    assert events[-1].state is SourceState.ENDED and "stopped after 1" in events[-1].detail


def test_who_walks_away_is_told_that_it_ended():
    events = []
    frames = SyntheticSource("synthetic://", "Pro", 3, 0).frames(pytest.fail, events.append)
    next(frames)
    frames.close()
    assert events[-1].state is SourceState.ENDED
