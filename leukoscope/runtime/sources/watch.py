"""watch:///folder: a folder into which microscope software saves its images."""

import os
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from threading import Condition

from leukoscope.errors import InputError
from leukoscope.images.decode import IMAGE_SUFFIXES, read_image
from leukoscope.runtime.field import Frame
from leukoscope.runtime.sources.arrivals import Arrivals, Stamp
from leukoscope.runtime.sources.clock import NS_PER_S, SYSTEM_CLOCK, Clock
from leukoscope.runtime.sources.grammar import Values, split_address
from leukoscope.runtime.sources.names import NameBook
from leukoscope.runtime.sources.newest import STOPPED
from leukoscope.runtime.sources.recorded import UNREADABLE
from leukoscope.runtime.sources.source import (
    OnEvent,
    OnFault,
    SourceEvent,
    SourceState,
    ignore_event,
)

DELETED = "deleted"
"""Cause of a drop: gone before it could be read."""
REST = 9
"""Times as long as a look took nobody looks: a folder of a hundred thousand files takes a tenth of a core, not all of it."""
KEYS = ("existing", "interval", "settle", "wait")


@dataclass(frozen=True)
class WatchRequest:
    """What a watch:// URI asks for."""

    folder: Path
    existing: bool = False
    """Whether images that are there when the source is opened are fields too."""
    interval_s: float = 0.25
    """Between two looks at the folder."""
    settle_s: float = 1.0
    """For so long a file must not change before it is read."""
    wait_s: float = 30.0
    """For so long a file may stay unreadable without a change before it is given up."""


def parse_watch(text: str) -> WatchRequest:
    """watch:///folder?existing=no&interval=0.25&settle=1&wait=30; InputError names the wrong part."""
    address = split_address(text)
    if address.authority or address.fragment or not address.path.startswith("/"):
        raise InputError(
            "watch:// names no folder",
            wanted="watch:///folder, three slashes",
            next_step="write # as %23, ? as %3F and % as %25",
        )
    values, default = Values("watch", address.query, KEYS), WatchRequest(Path(address.path))
    return WatchRequest(
        default.folder,
        values.choice("existing", "no", ("yes", "no")) == "yes",
        values.seconds("interval", default.interval_s, 0.05, 60),
        values.seconds("settle", default.settle_s, 0, 60),
        values.seconds("wait", default.wait_s, 0, 3600),
    )


class WatchSource:
    """Every image that arrives in the folder itself, once it is whole; loses nothing, and ends when stopped.

    What arrives between opening and `frames` is not lost: the folder is first looked at here. InputError where there is none.
    """

    live = False
    total: int | None = None
    rate_hz: float | None = None

    def __init__(
        self,
        request: WatchRequest,
        *,
        max_outage_s: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._request, self._max_outage_s, self._clock = request, max_outage_s, clock
        self._changed, self._stopped = Condition(), False
        self._names = NameBook()
        self._given = 0
        self._drops: Counter[str] = Counter()
        there = scan(request.folder)
        if there is None:
            raise InputError(f"no such folder: {request.folder}", wanted="a folder to watch")
        self._known = {} if request.existing else there[1]
        self._arrivals = self._new_arrivals()

    def frames(self, on_fault: OnFault, on_event: OnEvent = ignore_event) -> Iterator[Frame]:
        """See `Source.frames`; told to `on_fault`: each file that stayed unreadable, once, and a folder that is gone too long."""
        self._arrivals, self._given = self._new_arrivals(), 0
        with self._changed:
            self._drops.clear()
        try:
            yield from self._fields(on_fault, on_event)
        finally:
            self._known = self._arrivals.known()
            with self._changed:
                self._drops[STOPPED] += self._arrivals.waiting
            self._tell(on_event, SourceState.ENDED, f"ended after {self._given} fields")

    def take_existing(self) -> None:
        """The files that are there already are fields too, as with `?existing=yes`. Before `frames`."""
        self._known = {}
        self._arrivals = self._new_arrivals()

    def stop(self) -> None:
        """See `Source.stop`; for good."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def drops(self) -> Mapping[str, int]:
        """See `Source.drops`: files that stayed unreadable, were deleted before they were read, or waited at the stop."""
        with self._changed:
            counted = self._drops + Counter({DELETED: self._arrivals.deleted})
        return dict(counted)

    def books(self) -> tuple[int, int, int]:
        """Files seen, given, dropped; once `frames` has ended the first is the sum of the others."""
        return self._arrivals.seen, self._given, sum(self.drops().values())

    def _fields(self, on_fault: OnFault, on_event: OnEvent) -> Iterator[Frame]:
        state, lost_tick_ns = SourceState.CONNECTING, 0
        while not self._stopped:
            began_ns = self._clock.tick_ns()
            there = scan(self._request.folder, self._arrivals.present_known)
            now_ns = self._clock.tick_ns()
            if there is not None:
                if state is not SourceState.LIVE:
                    state = self._tell(on_event, SourceState.LIVE, str(self._request.folder))
                ready = self._arrivals.look(*there, now_ns)
                yield from self._read_all(ready, on_fault)
            elif state is not SourceState.LOST:
                lost_tick_ns = now_ns
                state = self._tell(on_event, SourceState.LOST, f"{self._request.folder} is gone")
            elif self._is_over(now_ns - lost_tick_ns, on_fault):
                return
            self._pause(REST * (now_ns - began_ns))

    def _read_all(self, names: list[str], on_fault: OnFault) -> Iterator[Frame]:
        for name in names:
            if self._stopped:
                return
            path = self._request.folder / name
            try:
                pixels = read_image(path)
            except InputError as fault:
                self._put_off(name, path, fault, on_fault)
                continue
            written_ms = self._arrivals.take(name).mtime_ns // 1_000_000
            # The same file bears the same name in the next session, and another file in its place another one.
            stem = self._names.claim(f"{path.stem}_{path.suffix[1:]}_{written_ms}")
            self._given += 1
            yield Frame(pixels, str(path), stem, self._given - 1)

    def _put_off(self, name: str, path: Path, fault: InputError, on_fault: OnFault) -> None:
        """Tries a file again later; told and counted where there was time enough. One that is gone, `look` will miss."""
        if path.exists() and self._arrivals.fail(name, self._clock.tick_ns()):
            with self._changed:
                self._drops[UNREADABLE] += 1
            on_fault(fault)

    def _is_over(self, outage_ns: int, on_fault: OnFault) -> bool:
        """Whether the folder is gone for longer than allowed, which is told."""
        if self._max_outage_s is None or outage_ns < self._max_outage_s * NS_PER_S:
            return False
        on_fault(
            InputError(
                f"{self._request.folder} was gone for {outage_ns / NS_PER_S:.0f} s",
                wanted=f"at most {self._max_outage_s:g} s",
                next_step="mount it again, or allow more with --max-outage",
            )
        )
        return True

    def _pause(self, least_ns: int) -> None:
        until_ns = self._clock.tick_ns() + max(int(self._request.interval_s * NS_PER_S), least_ns)
        with self._changed:
            while not self._stopped and self._clock.tick_ns() < until_ns:
                self._clock.wait(self._changed, until_ns)

    def _tell(self, on_event: OnEvent, state: SourceState, detail: str) -> SourceState:
        on_event(SourceEvent(state, detail, self._clock.tick_ns()))
        return state

    def _new_arrivals(self) -> Arrivals:
        return Arrivals(self._known, self._request.settle_s, self._request.wait_s)


def scan(folder: Path, known: Container[str] = ()) -> tuple[set[str], dict[str, Stamp]] | None:
    """All names in the folder, and the stamps of the images that are not `known`; None where it cannot be read.

    Hidden files are no images: many programs write to one and rename it when it is whole.
    """
    names: set[str] = set()
    stamps: dict[str, Stamp] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.add(entry.name)
                if entry.name not in known and (stamp := _stamp(entry)) is not None:
                    stamps[entry.name] = stamp
    except OSError:
        return None
    return names, stamps


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    """None for what is no image, or cannot be asked (gone, or forbidden)."""
    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 (thousands of names a second)
    if suffix not in IMAGE_SUFFIXES or entry.name.startswith("."):
        return None
    try:
        found = entry.stat()
    except OSError:
        return None
    if not S_ISREG(found.st_mode):
        return None
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
