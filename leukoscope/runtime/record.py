"""What the writer of a run does with each result before anybody sees it: a place on the slide, a line in the journal."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from leukoscope.runtime.field import Frame, Result
from leukoscope.runtime.journal.write import Journal
from leukoscope.runtime.slide.map import SlideMap
from leukoscope.runtime.sources.source import SourceEvent

REST_S = 1.0
"""How often counts are committed while no field comes."""
POSSIBLE_REPEAT = "possible_repeat"


class Record(Protocol):
    """Told of everything in order, from the writer's thread; of events from any."""

    def write(self, result: Result, drops: Mapping[str, int]) -> Result:
        """The result as it was recorded; it is safe when this returns."""
        ...

    def skip(self, frame: Frame) -> None:
        """A stop of the stage gave no field; it is safe when this returns."""
        ...

    def drops(self, counts: Mapping[str, int]) -> None:
        """Frames that did not become fields, by cause, since the run began; recorded at once."""
        ...

    def rest(self, counts: Mapping[str, int]) -> None:
        """No field is ready: time for what has waited."""
        ...

    def event(self, event: SourceEvent) -> None:
        """The source has changed its state."""
        ...

    def note(self, text: str) -> None:
        """A field could not be read, or a camera stayed away."""
        ...

    def stop(self) -> None:
        """The operator has ended the run before the source's end."""
        ...


class NoRecord:
    """Keeps nothing."""

    def write(self, result: Result, drops: Mapping[str, int]) -> Result:
        return result

    def skip(self, frame: Frame) -> None: ...

    def drops(self, counts: Mapping[str, int]) -> None: ...

    def rest(self, counts: Mapping[str, int]) -> None: ...

    def event(self, event: SourceEvent) -> None: ...

    def note(self, text: str) -> None: ...

    def stop(self) -> None: ...


class SlideRecord:
    """Lays fields on the map of the slide, if there is one, and commits them to the journal, if there is one."""

    def __init__(self, journal: Journal | None, slide_map: SlideMap | None) -> None:
        self._journal, self._map = journal, slide_map
        self._rested_s = time.monotonic()
        self._stopped = False

    def write(self, result: Result, drops: Mapping[str, int]) -> Result:
        """See `Record.write`."""
        placed = result if self._map is None else self._placed(result, self._map)
        if self._journal is None:
            return placed
        self._journal.count_drops(drops)
        thumbnail = None if self._map is None else self._map.thumbnail()
        return replace(placed, journal_id=self._journal.write(placed, thumbnail))

    def skip(self, frame: Frame) -> None:
        """See `Record.skip`."""
        if self._journal is not None:
            self._journal.skip_stop(frame)
            self._journal.flush()

    def drops(self, counts: Mapping[str, int]) -> None:
        """See `Record.drops`."""
        if self._journal is not None:
            self._journal.count_drops(counts)
            self._journal.flush()

    def rest(self, counts: Mapping[str, int]) -> None:
        """See `Record.rest`."""
        if time.monotonic() - self._rested_s >= REST_S:
            self._rested_s = time.monotonic()
            self.drops(counts)

    def event(self, event: SourceEvent) -> None:
        """See `Record.event`."""
        if self._journal is not None:
            self._journal.note(event)

    def note(self, text: str) -> None:
        """See `Record.note`."""
        if self._journal is not None:
            self._journal.note(text)

    def stop(self) -> None:
        """See `Record.stop`."""
        self._stopped = True

    def close(self) -> None:
        """The run has ended without an error."""
        if self._journal is not None:
            self._journal.close("stopped" if self._stopped else "done")

    @staticmethod
    def _placed(result: Result, slide_map: SlideMap) -> Result:
        frame = result.frame
        place = slide_map.place(frame.pixels, result.cells, um_per_px=frame.scale.um_per_px)
        flags = result.flags if place.certain else (*result.flags, POSSIBLE_REPEAT)
        return replace(result, on_slide=place, flags=flags)
