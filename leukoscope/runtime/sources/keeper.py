"""Keeps a camera connected: CONNECTING, LIVE, LOST, and again, until it is told to stop or the outage is too long."""

from dataclasses import dataclass

from leukoscope.errors import InputError
from leukoscope.runtime.sources.backoff import Backoff
from leukoscope.runtime.sources.clock import NS_PER_S, Clock
from leukoscope.runtime.sources.connection import Connection, OpenCapture
from leukoscope.runtime.sources.freeze import FreezeWatch
from leukoscope.runtime.sources.newest import NewestFrame
from leukoscope.runtime.sources.source import OnEvent, SourceEvent, SourceState

SETTLED_S = 10.0
"""A camera that was live for so long is tried again soon when it is lost; one that comes and goes waits longer each time."""
MAX_STUCK = 4
"""Drivers that hang for good are tried no more than so many times at once."""
FAREWELL_S = 0.25
"""How long a stop waits for the driver, so that the camera is free for the next program."""


@dataclass(frozen=True)
class Patience:
    """How long a camera may be silent, in seconds (our choice)."""

    stall_s: float = 5.0
    """Without a good frame while it is live."""
    open_s: float = 15.0
    """From the beginning of a connection to its first good frame."""
    frozen_s: float = 10.0
    """Of the same picture, bit for bit; 0 for ever."""
    max_outage_s: float | None = None
    """Since the last good frame, or since the start; None for ever."""


class Keeper:
    """One run of a live source; `run` is the body of its thread."""

    def __init__(
        self,
        name: str,
        open_capture: OpenCapture,
        newest: NewestFrame,
        patience: Patience,
        backoff: Backoff,
        clock: Clock,
        on_event: OnEvent,
    ) -> None:
        self._name, self._open, self._newest = name, open_capture, newest
        self._patience, self._backoff, self._clock = patience, backoff, clock
        self._on_event = on_event
        self._freeze = FreezeWatch(patience.frozen_s)
        self._stuck: list[Connection] = []
        self._last_good_ns = clock.tick_ns()
        self.fault: InputError | None = None
        """Why it ended by itself."""
        self.error: Exception | None = None
        """What a listener to the events raised."""

    def run(self) -> None:
        """Until stopped, or until the outage is too long; the last event is ENDED in every case."""
        try:
            self._keep()
            self._enter(SourceState.ENDED, "stopped" if self.fault is None else self.fault.found)
        except Exception as error:  # of whoever listens to the events
            self.error = error
        finally:
            self._newest.end()

    def _keep(self) -> None:
        while not self._newest.stopped and self.fault is None:
            loss = self._connect()
            if not self._newest.stopped:
                self._enter(SourceState.LOST, loss)
                self._pause(self._backoff.next_s(), loss)

    def _connect(self) -> str:
        """One connection from its opening to its loss, whose cause is returned."""
        self._stuck = [connection for connection in self._stuck if connection.is_stuck()]
        if len(self._stuck) >= MAX_STUCK:
            return f"{len(self._stuck)} earlier tries still hang in the driver"
        self._enter(SourceState.CONNECTING, self._name)
        self._freeze.connected()
        connection = Connection(self._open, self._newest, self._freeze, self._clock)
        connection.start()
        try:
            return self._watch(connection)
        finally:
            connection.abandon()
            if self._newest.stopped:
                connection.is_stuck(FAREWELL_S)
            self._stuck.append(connection)

    def _watch(self, connection: Connection) -> str:
        loss = self._until(connection, live=False)
        if connection.size_px is None:
            return loss or "stopped"
        width, height = connection.size_px
        self._enter(SourceState.LIVE, f"{width} x {height} px")
        loss = self._until(connection, live=True)
        self._last_good_ns = connection.last_good_tick_ns
        if self._last_good_ns - connection.began_tick_ns >= SETTLED_S * NS_PER_S:
            self._backoff.reset()
        return loss or "stopped"

    def _until(self, connection: Connection, *, live: bool) -> str | None:
        """Waits for the first good frame, or while they keep coming: the loss, or None for the first frame and the stop."""
        limit_s = self._patience.stall_s if live else self._patience.open_s
        with self._newest.changed:
            while not self._newest.stopped:
                if not live and connection.size_px is not None:
                    return None
                if connection.loss is not None:
                    return connection.loss
                since_ns = connection.last_good_tick_ns
                deadline_ns = since_ns + int(limit_s * NS_PER_S)
                if not live:
                    deadline_ns = min(deadline_ns, self._outage_end_ns() or deadline_ns)
                silent_ns = self._clock.tick_ns() - since_ns
                if silent_ns >= deadline_ns - since_ns:
                    return f"no usable picture for {silent_ns / NS_PER_S:.3g} s"
                self._clock.wait(self._newest.changed, deadline_ns)
        return None

    def _pause(self, delay_s: float, loss: str) -> None:
        """Waits before the next try, or finds that the outage is over what is allowed."""
        until_ns = self._clock.tick_ns() + int(delay_s * NS_PER_S)
        end_ns = self._outage_end_ns()
        with self._newest.changed:
            while not self._newest.stopped:
                now_ns = self._clock.tick_ns()
                if end_ns is not None and now_ns >= end_ns:
                    self._give_up(loss)
                    return
                if now_ns >= until_ns:
                    return
                self._clock.wait(self._newest.changed, min(until_ns, end_ns or until_ns))

    def _outage_end_ns(self) -> int | None:
        allowed_s = self._patience.max_outage_s
        return None if allowed_s is None else self._last_good_ns + int(allowed_s * NS_PER_S)

    def _give_up(self, loss: str) -> None:
        outage_s = (self._clock.tick_ns() - self._last_good_ns) / NS_PER_S
        self.fault = InputError(
            f"{self._name} gave no picture for {outage_s:.0f} s ({loss})",
            wanted=f"at most {self._patience.max_outage_s:g} s",
            next_step="check the camera's cable and power, or allow more with --max-outage",
        )

    def _enter(self, state: SourceState, detail: str) -> None:
        self._on_event(SourceEvent(state, detail, self._clock.tick_ns()))
