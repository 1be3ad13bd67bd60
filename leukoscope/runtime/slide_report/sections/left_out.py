"""What was seen and became no field: stops of the stage that were skipped, frames that were dropped."""

from collections.abc import Mapping

from leukoscope.runtime.report.markup import Markup, element, joined
from leukoscope.runtime.report.numbers import count
from leukoscope.runtime.report.tables import paragraph, table
from leukoscope.runtime.slide_report.contents import Slide
from leukoscope.runtime.slide_report.words import cause_name

LEAD = "Nothing is dropped without being counted. A moving stage gives many frames of which none is to be judged: large numbers of 'moving' and 'same stop' are usual."


def left_out(slide: Slide) -> Markup:
    """Two tables by cause."""
    return joined(
        paragraph(LEAD, class_="note"),
        element("h3", "Stops of the stage that gave no field"),
        _table(slide.skipped_stops, "stops"),
        element("h3", "Frames that became no field"),
        _table(slide.drops, "frames"),
    )


def _table(counts: Mapping[str, int], what: str) -> Markup:
    rows = [(cause_name(cause), count(n)) for cause, n in counts.items() if n]
    return table(("cause", what), rows, class_="narrow") if rows else paragraph("none")
