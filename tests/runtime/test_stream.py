import pytest
from stand_ins import blob_field, result_of

from leukoscope.errors import InputError
from leukoscope.progress import Silent
from leukoscope.runtime.stream import stream


class Fields:
    """A source of blob fields; index 1 cannot be read."""

    rate_hz = None

    def __init__(self, total: int = 4) -> None:
        self.total, self.given = total, 0

    def frames(self, on_fault):
        for index in range(self.total):
            if index == 1:
                on_fault(InputError("field 1 is broken"))
                continue
            self.given += 1
            yield blob_field(index=index)


class Recorder:
    """A sink that keeps what happens to it."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.events, self._fail_at = [], fail_at

    def __enter__(self):
        self.events.append("in")
        return self

    def __exit__(self, *error):
        self.events.append("out")

    def write(self, result):
        if result.frame.index == self._fail_at:
            raise InputError("disk full")
        self.events.append(result.frame.index)


def test_every_good_field_reaches_every_sink_and_the_bad_one_is_named():
    notes = []

    class Notes(Silent):
        def note(self, text):
            notes.append(text)

    sinks = [Recorder(), Recorder()]
    tally = stream(Fields(), result_of, sinks, progress=Notes())
    assert [sink.events for sink in sinks] == [["in", 0, 2, 3, "out"]] * 2
    assert tally.fields == 3 and tally.unreadable == ["field 1 is broken"]
    assert notes == ["left out: field 1 is broken"] and not tally.stopped


def test_a_stop_finishes_the_field_in_hand_and_closes_the_sinks():
    source, sink = Fields(), Recorder()
    tally = stream(source, result_of, [sink], stopped=lambda: source.given == 2)
    assert sink.events == ["in", 0, 2, "out"] and source.given == 2
    assert tally.stopped and tally.fields == 2


def test_sinks_are_closed_when_one_fails():
    sinks = [Recorder(), Recorder(fail_at=2)]
    with pytest.raises(InputError, match="disk full"):
        stream(Fields(), result_of, sinks)
    assert sinks[0].events == ["in", 0, 2, "out"] and sinks[1].events == ["in", 0, "out"]
