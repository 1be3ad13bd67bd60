"""The journal under review: one thread reads it and writes what people say, beside the run that may still write."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from leukoscope.runtime.journal.read import JournalReader
from leukoscope.runtime.journal.reviews import Review, ReviewBook
from leukoscope.runtime.journal.summary import Session
from leukoscope.runtime.viewer.reviewed_slide import ReviewedSlide
from leukoscope.runtime.viewer.slide_rows import SlideRows

T = TypeVar("T")


class OpenJournal:
    """A journal with its reader, its rows and its book of reviews. For one thread."""

    def __init__(self, path: Path) -> None:
        self.reader = JournalReader(path)
        try:
            self._book = ReviewBook(path)
        except BaseException:
            self.reader.close()
            raise
        self._rows = SlideRows(self.reader)

    def slide(self) -> ReviewedSlide:
        """The slide as it is now."""
        return self._rows.slide()

    @cached_property
    def session(self) -> Session:
        """The last one: its stages and cell types are those of all, for a journal is of one bundle."""
        return self.reader.summary().sessions[-1]

    def add(
        self, *, reviewer: str, field: int, cell: int | None, verdict: str, value: str | None
    ) -> Review:
        """See `ReviewBook.add`."""
        return self._book.add(
            reviewer=reviewer, field=field, cell=cell, verdict=verdict, value=value
        )

    def crop(self, field: int, cell: int) -> bytes | None:
        """The cell's picture: of this sighting, or of the one that was seen first."""
        own = self.reader.crop(field, cell)
        if own is not None:
            return own
        for sighting in self.reader.cells(field):
            if sighting.cell == cell and sighting.slide_number is not None:
                first = self.slide().counted_sightings.get(sighting.slide_number)
                return None if first is None else self.reader.crop(*first)
        return None

    def close(self) -> None:
        """Lets go of the file."""
        self.reader.close()
        self._book.close()


class ReviewDesk:
    """Asks the journal from a server's loop; it is opened by the first question, for before the run there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "viewer review")
        self._journal: OpenJournal | None = None

    async def ask(self, question: Callable[[OpenJournal], T]) -> T:
        """What the question gives, on the journal's thread. Raises what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: question(self._opened()))

    def close(self) -> None:
        """Lets go of the file, after the question in hand."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _opened(self) -> OpenJournal:
        if self._journal is None:
            self._journal = OpenJournal(self._path)
        return self._journal

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
