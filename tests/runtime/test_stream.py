import random
import sys
import threading
from pathlib import Path
from threading import Event, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from scripted_camera import GARBAGE, GONE, HANG, Play, picture
from stand_ins import blob_field, result_of
from stream_made import (
    PATIENCE_S,
    Book,
    EveryNth,
    Fields,
    LiveFields,
    Recorder,
    check_books,
    in_time,
    judged,
    run,
)

from leukoscope.errors import InputError, MachineError
from leukoscope.progress import Silent
from leukoscope.runtime.drops import AFTER_TARGET, KNOWN, OVERTAKEN
from leukoscope.runtime.intake import READ_AHEAD, STOPS_AHEAD, Rules
from leukoscope.runtime.journal.about import SessionAbout
from leukoscope.runtime.journal.read import read_journal
from leukoscope.runtime.journal.write import open_journal
from leukoscope.runtime.record import SlideRecord
from leukoscope.runtime.show import WAITING
from leukoscope.runtime.sources.source import SourceState
from leukoscope.runtime.stream import WINDOW, WORKERS, stream


class Shuffled:
    """A pipeline whose workers finish in any order: each field waits until some later one has begun, or not."""

    def __init__(self, seed):
        self._random, self._lock, self.order = random.Random(seed), Lock(), []
        self._begun = threading.Condition()
        self._count = 0

    def __call__(self, frame):
        with self._begun:
            self._count += 1
            mine = self._count
            self._begun.notify_all()
            if self._random.random() < 0.4:  # let another overtake, where there is one
                self._begun.wait_for(lambda: self._count > mine, 0.01)
        with self._lock:
            self.order.append(frame.index)
        return judged(frame)


def test_every_good_field_reaches_every_sink_and_the_bad_one_is_named():
    notes = []

    class Notes(Silent):
        def note(self, text):
            notes.append(text)

    sinks, book = [Recorder(), Recorder()], Book()
    tally = run(Fields(4, unreadable=[1]), result_of, sinks, record=book, progress=Notes())
    assert [sink.events for sink in sinks] == [["in", 0, 2, 3, "out"]] * 2
    assert tally.unreadable == ["field 1 is broken"] and not tally.stopped
    assert notes == ["left out: field 1 is broken"]
    check_books(tally, 3)
    assert tally.drops == book.counts == {"unreadable": 1}
    assert book.events == [SourceState.LIVE, SourceState.ENDED]


def test_nothing_comes_of_nothing():
    sink = Recorder()
    check_books(run(Fields(0), judged, [sink]), 0)
    assert sink.events == ["in", "out"]


@given(st.integers(0, 2**32), st.sets(st.integers(0, 29)))
def test_fields_are_recorded_and_shown_in_the_order_of_capture_whoever_is_ready_first(seed, bad):
    pipeline, sink, book = Shuffled(seed), Recorder(), Book()
    tally = run(Fields(30, unreadable=bad), pipeline, [sink], record=book)
    good = [index for index in range(30) if index not in bad]
    assert book.fields == sink.fields == good and sorted(pipeline.order) == good
    check_books(tally, len(good))


@given(
    st.integers(1, 7),
    st.integers(2, 9),
    st.booleans(),
    st.sets(st.integers(0, 39)),
)
def test_each_frame_is_a_field_or_a_count(take, miss, live, lost):
    chooser, sink, book = EveryNth(take, miss), Recorder(), Book()
    source = LiveFields(40, late=lost) if live else Fields(40, unreadable=lost)
    rules = Rules(choose=chooser, last_missed=chooser.close, chosen_only=True)
    tally = run(source, judged, [sink], rules=rules, record=book)
    check_books(tally, len(sink.fields))
    assert tally.captured == 40 and book.fields == sink.fields == sorted(sink.fields)
    assert tally.drops == book.counts
    assert len(chooser.threads) <= 1, "the chooser is called from one thread"
    told = [f"skip {index}" for _, index in book.skipped]
    assert [event for event in sink.events if str(event).startswith("skip")] == told
    if (
        not live
    ):  # a file's chosen fields are all judged, and stops told between the fields around them
        seen = [index for index in range(40) if index not in lost]
        assert book.fields == [index for index in seen if index % take == 0]
        assert [i for _, i in book.skipped[:-1]] == [i - 1 for i in seen if i and i % miss == 0]
        assert book.skipped[-1:] == ([("out_of_focus", seen[-1])] if seen else [])


def test_a_stop_without_a_field_is_told_between_the_fields_around_it():
    sink = Recorder()
    rules = Rules(choose=EveryNth(take=2, miss=5), chosen_only=True)
    run(Fields(9), judged, [sink], rules=rules)
    assert sink.events == ["in", 0, 2, 4, "skip 4", 6, 8, "out"]


def test_what_the_journal_has_is_not_done_again_and_the_chooser_sees_it_all_the_same():
    chooser, sink, done = EveryNth(2, 100), Recorder(), []

    def pipeline(frame):
        done.append(frame.index)
        return judged(frame)

    rules = Rules(choose=chooser, known=lambda source, name: name in ("f_2", "f_3", "f_6"))
    tally = run(Fields(8), pipeline, [sink], rules=rules)
    assert sink.fields == sorted(done) == [0, 4]
    assert tally.drops == {KNOWN: 2, "moving": 4} and chooser.seen == list(range(8))
    check_books(tally, 2)


def test_a_slow_pipeline_is_given_the_newest_of_a_camera_and_the_overtaken_are_counted():
    source = LiveFields(60, wait_at=59)
    begun = Event()

    def slow(frame):
        begun.set()
        assert source.reached.wait(PATIENCE_S)
        source.go_on.set()
        return judged(frame)

    sink = Recorder()
    tally = run(source, slow, [sink])
    check_books(tally, len(sink.fields))
    assert tally.captured == 60 and tally.drops[OVERTAKEN] >= 60 - WORKERS - 8
    assert sink.fields == sorted(sink.fields) and sink.fields[-1] == 59


def test_chosen_fields_of_a_camera_wait_for_their_turn():
    """Eight stops may wait while the networks are busy; frames between them are looked at all the same."""
    source = LiveFields(30, wait_at=29)
    chooser, looked = EveryNth(take=10, miss=1000), Event()

    def choose(frame):
        choice = chooser(frame)
        if frame.index >= 20:
            looked.set()
        return choice

    class Paced(LiveFields):
        """Gives the next frame when the last was looked at, so that none is overtaken before it is chosen."""

        def frames(self, on_fault, on_event=None):
            for frame in super().frames(on_fault):
                yield frame
                while len(chooser.seen) <= frame.index:
                    looked.wait(0.0005)

    source = Paced(30)

    def slow(frame):
        assert looked.wait(PATIENCE_S)
        return judged(frame)

    sink = Recorder()
    tally = run(source, slow, [sink], rules=Rules(choose=choose, chosen_only=True))
    assert sink.fields == [0, 10, 20] and tally.drops == {"moving": 27}
    check_books(tally, 3)


@given(st.integers(0, 30))
def test_ctrl_c_at_any_moment_leaves_every_frame_accounted_for(moment):
    looks = iter(range(1000))
    sink, book, source = Recorder(), Book(), Fields(25, unreadable=[3])
    tally = run(source, judged, [sink], record=book, stopped=lambda: next(looks) >= moment)
    check_books(tally, len(sink.fields))
    assert sink.fields == book.fields == [i for i in range(25) if i != 3][: len(sink.fields)]
    assert tally.stopped == book.was_stopped and sink.closed
    assert tally.stopped or len(sink.fields) == 24


def test_ctrl_c_while_a_camera_waits_for_light_ends_it():
    source, sink = LiveFields(6, wait_at=3), Recorder()
    tally = run(source, judged, [sink], stopped=source.reached.is_set)
    assert tally.stopped and tally.drops["stopped"] == 1
    check_books(tally, len(sink.fields))


def two_cells(frame):
    cells = result_of(blob_field(index=frame.index)).cells
    return judged(frame, cells)


@pytest.mark.parametrize("live", [False, True])
def test_the_target_ends_it_and_what_was_under_way_is_counted(live):
    source = LiveFields(400) if live else Fields(400)
    sink, book = Recorder(), Book()
    tally = run(source, two_cells, [sink], record=book, target=5)
    assert book.fields == sink.fields and not tally.stopped
    check_books(tally, len(sink.fields))
    if not live:
        assert sink.fields == [0, 1, 2] and tally.white_cells == 6, "reached with the third field"
        assert source.given < 400 and tally.drops == {AFTER_TARGET: source.given - 3}


# --- a real live source over a scripted camera ----------------------------------------------------------


def test_a_camera_that_gives_garbage_and_goes_is_accounted_for_frame_by_frame():
    """Its reader is faster than the networks; it vanishes, comes back, and the operator ends it."""
    sink, book = Recorder(), Book()
    with Play(
        [picture(k) for k in range(5)] + [GARBAGE, picture(6), GONE],
        [picture(k) for k in range(7, 20)] + [lambda: sink.fields],
    ) as play:
        all_seen = play.seen(20)
        tally = run(play.source, judged, [sink], record=book, stopped=all_seen)
        play.check_books()
    assert tally.stopped and tally.captured == 20 and tally.drops["garbage"] == 1
    check_books(tally, len(sink.fields))
    assert tally.drops == book.counts and sink.fields == book.fields == sorted(sink.fields)
    assert SourceState.LOST in book.events and book.events[-1] is SourceState.ENDED


def test_ctrl_c_ends_it_while_the_camera_is_being_opened():
    with Play(HANG) as play:
        tally = run(play.source, judged, [Recorder()], stopped=lambda: play.camera.opened > 0)
        play.camera.over.set()
    assert tally.stopped and tally.fields == 0
    check_books(tally, 0)


# --- what fails ---------------------------------------------------------------------------------------


class OddError(Exception):
    """An error that nobody knows."""


ERRORS = [
    InputError("one line"),
    MachineError("no device"),
    OddError("no class of ours"),
    MemoryError(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("part", ["source", "pipeline", "choose", "known", "scale", "journal"])
@pytest.mark.parametrize("at", [0, 7, 29])
def test_an_error_is_raised_as_itself_after_the_fields_before_it(part, at, error):
    def fail(frame):
        if frame.index == at:
            raise error

    def pipeline(frame):
        if part == "pipeline":
            fail(frame)
        return judged(frame)

    def rule(name, answer):
        def asked(*what):
            if name == part:
                index = what[0].index if len(what) == 1 else int(what[1].removeprefix("f_"))
                if index == at:
                    raise error
            return answer(*what)

        return asked

    plain = Rules()
    rules = Rules(
        choose=rule("choose", plain.choose),
        known=rule("known", plain.known),
        scale=rule("scale", plain.scale),
    )
    source = Fields(30, fail_at=at if part == "source" else None, error=error)
    sinks, book = [Recorder(), Recorder()], Book(at if part == "journal" else None, error=error)
    with pytest.raises(type(error)) as raised:
        run(source, pipeline, sinks, rules=rules, record=book)
    assert raised.value is error
    assert book.fields == list(range(at))
    assert all(sink.fields == book.fields and sink.closed for sink in sinks)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("at", [0, 5, 29])
def test_an_error_of_a_sink_is_raised_as_itself_and_the_others_are_closed(at, error):
    first, second, third, book = Recorder(), Recorder(fail_at=at, error=error), Recorder(), Book()
    with pytest.raises(type(error)) as raised:
        run(Fields(30), judged, [first, second, third], record=book)
    assert raised.value is error
    assert first.fields == list(range(at + 1)) and second.fields == third.fields == list(range(at))
    assert book.fields == list(range(len(book.fields))) and len(book.fields) > at
    assert first.closed and second.closed and third.closed


def test_a_sink_that_fails_while_the_writer_waits_for_it():
    source, sink, book = Fields(200), Recorder(fail_at=0, shut=True), Book()
    last_put = WAITING  # one in the sink's hand, WAITING in the row: the next put waits

    def release():
        assert sink.begun.wait(PATIENCE_S)
        while len(book.fields) < last_put + 2:
            Event().wait(0.0005)
        sink.let.set()

    Thread(target=release, daemon=True).start()
    with pytest.raises(InputError, match="disk full"):
        run(source, judged, [sink], record=book)
    assert sink.closed and len(book.fields) < 200


def test_a_sink_that_fails_while_no_field_comes_ends_the_run():
    source, sink = LiveFields(2, wait_at=1), Recorder(fail_at=0)
    with pytest.raises(InputError, match="disk full"):
        run(source, judged, [sink])
    assert sink.closed


def test_a_sink_that_fails_at_the_very_end_is_heard():
    sink = Recorder(fail_at=4)
    with pytest.raises(InputError, match="disk full"):
        run(Fields(5), judged, [sink])
    assert sink.fields == [0, 1, 2, 3] and sink.closed


class Unclosable(Recorder):
    def __exit__(self, *error):
        super().__exit__(*error)
        raise InputError("and it cannot be closed")


def test_the_first_error_is_raised_where_a_sink_cannot_be_closed_either():
    sinks = [Recorder(), Unclosable(), Recorder()]
    with pytest.raises(InputError, match="journal: disk full"):
        run(Fields(9), judged, sinks, record=Book(fail_at=3))
    assert all(sink.closed and sink.fields == [0, 1, 2] for sink in sinks)


def test_a_sink_that_cannot_be_closed_at_the_end_is_an_error():
    sinks = [Recorder(), Unclosable(), Recorder()]
    with pytest.raises(InputError, match="cannot be closed"):
        run(Fields(3), judged, sinks)
    assert all(sink.closed for sink in sinks)


def test_a_sink_that_cannot_be_opened_ends_it_before_it_begins():
    class Shut(Recorder):
        def __enter__(self):
            raise InputError("no such folder")

    source, first = Fields(5), Recorder()
    with pytest.raises(InputError, match="no such folder"):
        run(source, judged, [first, Shut()])
    assert source.given == 0 and first.events == ["in", "out"]


def test_what_was_recorded_before_an_error_is_shown_however_slow_the_sinks_are():
    sink, book = Recorder(shut=True), Book(fail_at=4)

    def release():
        assert sink.begun.wait(PATIENCE_S)
        while book.fields != [0, 1, 2, 3]:
            Event().wait(0.0005)
        sink.let.set()

    Thread(target=release, daemon=True).start()
    with pytest.raises(InputError, match="journal: disk full"):
        run(Fields(30), judged, [sink], record=book)
    assert sink.fields == [0, 1, 2, 3]


def test_the_first_error_is_raised_where_the_counts_cannot_be_saved_either():
    book = Book(fail_at=3, drops_error=InputError("and the counts neither"))
    with pytest.raises(InputError, match="journal: disk full"):
        run(Fields(30), judged, [Recorder()], record=book)


def test_counts_that_cannot_be_saved_at_the_end_are_an_error():
    sink = Recorder()
    with pytest.raises(InputError, match="counts"):
        run(Fields(3), judged, [sink], record=Book(drops_error=InputError("no counts")))
    assert sink.fields == [0, 1, 2] and sink.closed


def test_counts_are_saved_when_a_run_fails():
    book = Book(fail_at=5)
    with pytest.raises(InputError):
        run(Fields(30, unreadable=[1, 2]), judged, [], record=book)
    assert book.counts["unreadable"] == 2


def test_the_fields_of_a_source_that_dies_are_all_accounted_for():
    book = Book()
    with pytest.raises(InputError, match="the file is gone"):
        run(Fields(30, fail_at=20, unreadable=[4]), judged, [], record=book)
    assert book.fields == [i for i in range(20) if i != 4] and book.counts == {"unreadable": 1}


@pytest.mark.parametrize("where", ["pipeline", "journal", "sink", "rest"])
def test_a_second_ctrl_c_leaves_at_once(where, monkeypatch):
    """Whatever hangs is left to itself, as daemons are."""
    monkeypatch.setattr("leukoscope.runtime.stream.LEAVE_S", 0.05)
    hang, hangs = Event(), Event()

    def wait():
        hangs.set()
        assert hang.wait(PATIENCE_S)

    def pipeline(frame):
        if where == "pipeline" and frame.index == 2:
            wait()
        return judged(frame)

    class Stuck(Recorder):
        def write(self, result):
            if where == "sink" and result.frame.index == 2:
                wait()
            super().write(result)

    def stopped():
        if hangs.is_set() or where == "rest":
            raise KeyboardInterrupt
        return False

    class Interrupted(Book):
        def write(self, result, drops):
            if where == "journal" and result.frame.index == 2:
                raise KeyboardInterrupt
            return super().write(result, drops)

    source = Fields(9, wait_at=4)
    sink, came = Stuck(), []

    def work():
        try:
            stream(source, pipeline, [sink], record=Interrupted(), stopped=stopped)
        except KeyboardInterrupt:
            came.append("left")

    before = set(threading.enumerate())
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    assert came == ["left"] and sink.events[-1] == "out"
    hang.set()
    for left in set(threading.enumerate()) - before:
        left.join(PATIENCE_S)
        assert not left.is_alive()


# --- order of commit and show, memory -----------------------------------------------------------------


def test_a_field_is_in_the_journal_before_a_sink_sees_it(tmp_path):
    path, seen = tmp_path / "slide.db", []

    class Looks(Recorder):
        def write(self, result):
            with read_journal(path) as journal:
                seen.append((result.frame.index, journal.summary().fields))
            super().write(result)

        def skip(self, frame):
            with read_journal(path) as journal:
                assert sum(journal.summary().skipped_stops.values()) > 0
            super().skip(frame)

    chooser = EveryNth(take=2, miss=5)
    rules = Rules(choose=chooser, last_missed=chooser.close)
    with open_journal(path, SessionAbout("ab" * 32, "S-1", "scripted", {}, "a test")) as journal:
        record = SlideRecord(journal, None)
        tally = in_time(lambda: stream(Fields(12), judged, [Looks()], rules=rules, record=record))
    assert [index for index, _ in seen] == [0, 2, 4, 6, 8, 10]
    assert all(there > count for count, (_, there) in enumerate(seen))
    with read_journal(path) as reader:
        summary = reader.summary()
    assert summary.fields == 6 and summary.drops == tally.drops == {"moving": 6}
    assert summary.skipped_stops == {"empty": 2, "out_of_focus": 1}


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("shut", ["journal", "sink"])
def test_however_slow_the_journal_few_frames_are_in_memory(live, shut):
    chooser = EveryNth(take=2, miss=3)
    rules = Rules(choose=chooser, last_missed=chooser.close, chosen_only=True)
    book, sink = Book(shut=shut == "journal"), Recorder(shut=shut == "sink")
    most, alive = (
        (STOPS_AHEAD if live else READ_AHEAD) + READ_AHEAD + WINDOW + WORKERS + WAITING + 8,
        [],
    )

    class Watched(LiveFields if live else Fields):
        def _kept(self, frame):
            alive.append(len(self.alive))
            return super()._kept(frame)

        def frames(self, on_fault, on_event=None):
            yield from super().frames(on_fault)
            (book if shut == "journal" else sink).let.set()

    count = 300
    source = Watched(count)

    def release():  # a file is not read further than the queues hold: it must be let go on
        (book if shut == "journal" else sink).begun.wait(PATIENCE_S)
        before = -1
        while not live and source.given != before:
            before = source.given
            Event().wait(0.05)
        if not live:
            (book if shut == "journal" else sink).let.set()

    Thread(target=release, daemon=True).start()
    tally = run(source, judged, [sink], rules=rules, record=book)
    check_books(tally, len(sink.fields))
    assert tally.captured == count and max(alive) <= most


def test_a_rule_a_journal_and_a_sink_are_each_called_from_one_thread():
    chooser, threads = EveryNth(2, 3), {"journal": set(), "sink": set(), "scale": set()}

    class OneThread(Recorder):
        def write(self, result):
            threads["sink"].add(threading.get_ident())

    class Noted(Book):
        def write(self, result, drops):
            threads["journal"].add(threading.get_ident())
            return result

    def scale(frame):
        threads["scale"].add(threading.get_ident())
        return frame.scale

    rules = Rules(choose=chooser, scale=scale)
    run(Fields(30), judged, [OneThread()], rules=rules, record=Noted())
    assert [len(one) for one in threads.values()] == [1, 1, 1] and len(chooser.threads) == 1
