"""A run: the source's fields through the pipeline, into the journal and the sinks, and what came of it.

    source -> [capture] -> [choose] -> tickets -> [judge] x WORKERS -> in order -> [write] -> [show]

Each bracket is a thread; what lies between two is bounded. `[write]` is the calling thread: it alone knows the order,
lays fields on the slide, commits them, and only then hands them on to be shown.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from leukoscope.errors import InputError
from leukoscope.progress import Progress, Silent
from leukoscope.runtime.drops import AFTER_TARGET, Drops
from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.hand_over import Aborted
from leukoscope.runtime.in_order import InOrder
from leukoscope.runtime.intake import Intake, Outcome, Rules
from leukoscope.runtime.record import NoRecord, Record
from leukoscope.runtime.show import Show
from leukoscope.runtime.sinks.sink import Sink
from leukoscope.runtime.sources.source import Source, SourceEvent
from leukoscope.runtime.tally import Tally

WORKERS = 2
"""Fields that are judged at a time: while one is at the networks the other's masks and votes are made."""
WINDOW = 8
"""No field is judged that is so many ahead of the one to be written next."""
LOOK_AROUND_S = 0.05
"""How often the writer looks whether it should stop while no field is ready."""
SWITCH_S = 0.0005
"""How long a thread may keep Python's lock while others wait: the usual 5 ms would be seen in the frame age."""
LEAVE_S = 2.0
"""How long a failed run waits for all its threads; they are daemons and hold nothing that must be saved."""


def stream(
    source: Source,
    pipeline: Callable[[Frame], Result],
    sinks: Sequence[Sink],
    *,
    rules: Rules | None = None,
    record: Record | None = None,
    target: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
    progress: Progress = Silent(),  # noqa: B008
    drops: Drops | None = None,
) -> Tally:
    """Judges the source's fields, records each, and gives it to every sink.

    By default every frame is a field, and nothing is recorded. `target`: white cells after which it stops. A field that
    cannot be read is named and left out. When `stopped` says so, the fields in hand are finished and all is closed.
    `drops`: of `source`, where somebody looks at its books meanwhile.
    The first error of any part ends the run and is raised; what was recorded before it stays, and is shown.
    """
    run = _Run(source, pipeline, rules or Rules(), record or NoRecord(), progress, drops)
    with _entered(sinks) as entered, _quick_switches():
        show = Show(entered)
        try:
            run.write(show, target, stopped)
        except BaseException:
            show.abort()  # after a second Ctrl-C nothing is waited for; else all is shown already
            raise
        finally:
            run.leave()
    return run.tally


class _Run:
    """What the threads of one run share."""

    def __init__(
        self,
        source: Source,
        pipeline: Callable[[Frame], Result],
        rules: Rules,
        record: Record,
        progress: Progress,
        drops: Drops | None,
    ) -> None:
        self.tally, self.drops = Tally(), drops or Drops(source)
        self._source, self._pipeline, self._progress = source, pipeline, progress
        self._record = record
        self._outcomes: InOrder[Outcome] = InOrder(WINDOW)
        self._intake = Intake(source, rules, self._outcomes, self.drops)
        self._failure: BaseException | None = None
        """Of a thread other than the writer's, the first one."""
        self._threads: list[threading.Thread] = []

    def write(self, show: Show, target: int | None, stopped: Callable[[], bool]) -> None:
        """Takes what came of each field in order, until the source has ended or one of the parts has failed."""
        self._begin("capture", lambda: self._intake.capture(self._note_fault, self._note_event))
        self._begin("choose", self._intake.choose)
        for number in range(WORKERS):
            self._begin(f"judge {number}", self._judge)
        self._showing = self._begin("show", show.run)
        try:
            self._write_all(show, target, stopped)
        except Exception:
            with suppress(Exception):  # the first error says what happened
                self._record.drops(self.drops.counts())
            self._show_rest(show)
            raise
        self._show_rest(show)
        if self._failure is not None:
            raise self._failure

    def _write_all(self, show: Show, target: int | None, stopped: Callable[[], bool]) -> None:
        written = self._written(show, target, stopped)
        for result in self._progress.track(written, "fields", total=self._source.total):
            self.tally.add(result)
        captured, drops = self.drops.books()
        self._record.drops(drops)
        self.tally.close(captured, drops)

    def _show_rest(self, show: Show) -> None:
        """All that was recorded is shown, unless a sink has failed."""
        show.close()
        self._showing.join()

    def leave(self) -> None:
        """Ends all threads."""
        self._intake.abort()
        self._outcomes.abort()
        until_s = time.monotonic() + LEAVE_S
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))

    def _written(
        self, show: Show, target: int | None, stopped: Callable[[], bool]
    ) -> Iterator[Result]:
        """Each recorded result; the record is made before the sinks are told."""
        reached = False
        for outcome in self._outcomes.take(LOOK_AROUND_S):
            if not self._showing.is_alive():  # a sink has failed
                return
            if stopped() and not self._intake.stopped.is_set():
                self._intake.stop()
                self._record.stop()
                self.tally.stopped = True
            if outcome is None:
                self._record.rest(self.drops.counts())
                continue
            if reached:
                self._drop_after_target(outcome)
                continue
            if outcome.error is not None:
                raise outcome.error
            result = self._recorded(outcome, show)
            if result is not None:
                yield result
                reached = target is not None and self.tally.white_cells >= target
                if reached:
                    self._intake.stop()

    def _recorded(self, outcome: Outcome, show: Show) -> Result | None:
        if outcome.result is None:
            if outcome.skipped:
                self._record.skip(outcome.frame)
                with suppress(Aborted):
                    show.put(outcome.frame)
            return None
        result = self._record.write(outcome.result, self.drops.counts())
        with suppress(Aborted):  # a sink has failed; the field is recorded all the same
            show.put(result)
        return result

    def _drop_after_target(self, outcome: Outcome) -> None:
        if outcome.result is not None or outcome.error is not None:
            self.drops.add(AFTER_TARGET)

    def _judge(self) -> None:
        for ticket in self._intake.tickets:
            self._outcomes.admit(ticket.number)
            try:
                outcome = Outcome(ticket.frame, self._pipeline(ticket.frame))
            except BaseException as error:  # raised by the writer, after the fields before it
                outcome = Outcome(ticket.frame, error=error)
            self._outcomes.put(ticket.number, outcome)

    def _begin(self, name: str, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def _guarded(self, work: Callable[[], None]) -> None:
        """A thread's work; what it dies of is raised by the writer, after the fields before it."""
        try:
            work()
        except Aborted:
            pass
        except BaseException as error:
            self._failure = self._failure or error

    def _note_fault(self, fault: InputError) -> None:
        self.tally.unreadable.append(str(fault))
        text = str(fault) if self._source.live else f"left out: {fault}"
        self._record.note(text)
        if self._source.live:
            self._record.stop()  # given up: not the end that a file has
        self._progress.note(text)

    def _note_event(self, event: SourceEvent) -> None:
        self._record.event(event)
        if self._source.live:
            self._progress.note(f"source {event.state.value}: {event.detail}")


@contextmanager
def _entered(sinks: Sequence[Sink]) -> Iterator[list[Sink]]:
    """The sinks, closed afterwards; where the run fails, what goes wrong in closing them is not raised in its place."""
    opened = ExitStack()
    try:
        yield [opened.enter_context(sink) for sink in sinks]
    except BaseException as error:
        with suppress(Exception):
            opened.__exit__(type(error), error, error.__traceback__)
        raise
    opened.close()


@contextmanager
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
