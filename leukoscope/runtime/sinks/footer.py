"""The foot of an overlay: what the colours and lines mean, and what the picture is not for."""

from leukoscope.runtime.field import Evidence, Result, Vote
from leukoscope.runtime.sinks.heat import bar
from leukoscope.runtime.sinks.lettering import (
    GREY,
    INK,
    WARNING,
    Colour,
    Picture,
    fill,
    text_width,
    write_fitting,
    write_text,
)
from leukoscope.runtime.sinks.panel import CELL_LINE, NUCLEUS_LINE

FOOTER_PX = 64
MARGIN_PX = 16
BAR_PX = (150, 12)
NOTICE = "RESEARCH USE ONLY"
NETWORK_NAMES = {"xincept_all": "XIncept-ALL", "sg_cldff": "SG-CLDFF"}


def draw_footer(strip: Picture, result: Result) -> None:
    """Draws on the bottom strip [FOOTER_PX, W, 3]."""
    if result.evidence is None:
        write_text(strip, "no Grad-CAM", (MARGIN_PX, 25), 12, GREY)
    else:
        _draw_scale(strip, result.evidence, whose_evidence(result.evidence, result.vote))
    if result.mask is not None:
        end = _draw_line_sample(strip, MARGIN_PX, CELL_LINE, "cell")
        _draw_line_sample(strip, end + 18, NUCLEUS_LINE, "nucleus")
    left = strip.shape[1] - MARGIN_PX - text_width(NOTICE, 13)
    write_text(strip, NOTICE, (left, 52), 13, WARNING)


def whose_evidence(evidence: Evidence, vote: Vote | None) -> str:
    """Whose Grad-CAM of which class it is; trees have no gradient, so the head's is shown for their class."""
    if vote is None:
        return f"Grad-CAM of {NETWORK_NAMES[evidence.network]} for {evidence.class_name}"
    text = f"Grad-CAM of the head for {evidence.class_name}"
    if vote.head_stage != vote.stage:
        return f"{text}, the {vote.voter}' vote; its own is {vote.head_stage}"
    return f"{text}, voted by the {vote.voter}"


def _draw_scale(strip: Picture, evidence: Evidence, words: str) -> None:
    """Zero, the ramp of colours, the highest value, and what they are of."""
    end = MARGIN_PX + write_text(strip, "0", (MARGIN_PX, 25), 11, INK) + 8
    width, height = BAR_PX
    strip[14 : 14 + height, end : end + width] = bar(width, height)
    end += width + 8
    end += write_text(strip, f"{evidence.high:.2g}", (end, 25), 11, INK) + 16
    write_fitting(strip, words, (end, 25), 11, strip.shape[1] - MARGIN_PX - end)


def _draw_line_sample(strip: Picture, left: int, colour: Colour, words: str) -> int:
    """A short line in its colour with its name; returns where it ends."""
    fill(strip, (left, 45), (26, 3), colour)
    return left + 34 + write_text(strip, words, (left + 34, 51), 11, INK)
