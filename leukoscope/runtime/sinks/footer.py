"""The foot of an overlay: what the colours and lines mean, and what the picture is not for."""

import numpy as np

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
    end = MARGIN_PX
    if result.mask is not None:
        end = _draw_line_sample(strip, end, CELL_LINE, "cell") + 18
        end = _draw_line_sample(strip, end, NUCLEUS_LINE, "nucleus") + 18
    left = strip.shape[1] - MARGIN_PX - text_width(NOTICE, 13)
    write_text(strip, NOTICE, (left, 52), 13, WARNING)
    if result.evidence is not None and result.evidence.trees is not None:
        write_fitting(strip, what_it_adds_up_to(result.evidence), (end, 51), 11, left - 18 - end)


def whose_evidence(evidence: Evidence, vote: Vote | None) -> str:
    """Whose map of which class it is; trees have no gradient, so their Grad-CAM is the head's for their class."""
    if evidence.trees is not None:
        return f"what the trees decide for {evidence.class_name}; greater values look like the ends"
    if vote is None:
        return f"Grad-CAM of {NETWORK_NAMES[evidence.network]} for {evidence.class_name}"
    text = f"Grad-CAM of the head for {evidence.class_name}"
    if vote.head_stage != vote.stage:
        return f"{text}, the {vote.voter}' vote; its own is {vote.head_stage}"
    return f"{text}, voted by the {vote.voter}"


def what_it_adds_up_to(evidence: Evidence) -> str:
    """The trees' map in figures: its sum, and the share that has no place."""
    total = float(evidence.grid.sum(dtype=np.float64))
    return f"sum {total:+.2f}: margin less bias; {evidence.even_share:.0%} spread evenly"


def _draw_scale(strip: Picture, evidence: Evidence, words: str) -> None:
    """The lowest value, the ramp of colours, the highest value, and what they are of."""
    signed = evidence.trees is not None
    low, high = "0", f"{evidence.high:.2g}"
    if signed:
        low, high = f"against -{high}", f"+{high} for"
    end = MARGIN_PX + write_text(strip, low, (MARGIN_PX, 25), 11, INK) + 8
    width, height = BAR_PX
    strip[14 : 14 + height, end : end + width] = bar(width, height, signed=signed)
    end += width + 8
    end += write_text(strip, high, (end, 25), 11, INK) + 16
    write_fitting(strip, words, (end, 25), 11, strip.shape[1] - MARGIN_PX - end)


def _draw_line_sample(strip: Picture, left: int, colour: Colour, words: str) -> int:
    """A short line in its colour with its name; returns where it ends."""
    fill(strip, (left, 45), (26, 3), colour)
    return left + 34 + write_text(strip, words, (left + 34, 51), 11, INK)
