"""The journal's rows in memory, so that a page of the gallery is no walk over the whole file."""

from leukoscope.runtime.journal.read import JournalReader
from leukoscope.runtime.journal.records import CellRow, FieldRow
from leukoscope.runtime.viewer.reviewed_slide import ReviewedSlide


class SlideRows:
    """Reads what is new. For one thread."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._fields: tuple[FieldRow, ...] = ()
        self._cells: tuple[CellRow, ...] = ()
        self._slide = ReviewedSlide((), (), ())

    def slide(self) -> ReviewedSlide:
        """As it is now; the same object while nothing has changed. InputError where the journal is damaged."""
        with self._reader.one_state():
            is_changed = self._read_fields()
            reviews = self._reader.reviews()
        if is_changed or len(reviews) != len(
            self._slide.reviews
        ):  # none is ever changed or removed
            self._slide = ReviewedSlide(self._fields, self._cells, reviews)
        return self._slide

    def _read_fields(self) -> bool:
        new = tuple(self._reader.fields(self._fields[-1].id if self._fields else 0))
        if not new:
            return False
        if not self._fields or any(field.joined for field in new):
            self._cells = self._reader.cells()  # where islands join, older sightings cease to count
        else:
            self._cells += tuple(cell for field in new for cell in self._reader.cells(field.id))
        self._fields += new
        return True
