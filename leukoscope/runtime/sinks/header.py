"""The head of an overlay: the stage and who voted, the cells by type, the flags."""

from collections.abc import Mapping

from leukoscope.runtime.field import Result, Vote
from leukoscope.runtime.sinks.lettering import (
    GREY,
    INK,
    PALE,
    WARNING,
    Colour,
    Picture,
    fill,
    text_width,
    write_text,
)
from leukoscope.runtime.wording import count_cells

HEADER_PX = 92
MARGIN_PX = 16
BAR_PX = 72
VOTED_BAR: Colour = (0, 92, 230)
OTHER_BAR: Colour = (150, 156, 170)


def draw_header(strip: Picture, result: Result) -> None:
    """Draws on the top strip [HEADER_PX, W, 3]."""
    if result.vote is None:
        write_text(strip, "no stage: no XIncept-ALL in this bundle", (MARGIN_PX, 36), 15, GREY)
    else:
        _write_vote(strip, result.vote)
        _draw_bars(strip, result.vote.probabilities, result.vote.stage)
    write_text(strip, count_cells(result), (MARGIN_PX, 62), 12, INK)
    flags = ", ".join(flag.replace("_", " ") for flag in result.flags)
    write_text(strip, flags or "no flags", (MARGIN_PX, 82), 12, WARNING if flags else GREY)


def _write_vote(strip: Picture, vote: Vote) -> None:
    text = f"{vote.stage} {vote.probabilities[vote.stage]:.2f}"
    end = MARGIN_PX + write_text(strip, text, (MARGIN_PX, 36), 24, INK)
    who = f"voted by the {vote.voter}"
    if vote.head_stage != vote.stage:
        who += f"; the head says {vote.head_stage}"
    write_text(strip, who, (end + 14, 36), 12, GREY)


def _draw_bars(strip: Picture, probabilities: Mapping[str, float], voted: str) -> None:
    """A bar for each stage, in the network's order, at the right end."""
    name_px = max(text_width(name, 11) for name in probabilities)
    left = strip.shape[1] - MARGIN_PX - name_px - BAR_PX - 46
    pitch = min(19, (HEADER_PX - 10) // max(1, len(probabilities)))
    for row, (name, probability) in enumerate(probabilities.items()):
        base = 20 + row * pitch
        bar = (left + name_px + 8, base - 10)
        write_text(strip, name, (left, base), 11, INK)
        fill(strip, bar, (BAR_PX, 10), PALE)
        length = round(BAR_PX * probability)
        if length:
            fill(strip, bar, (length, 10), VOTED_BAR if name == voted else OTHER_BAR)
        write_text(strip, f"{probability:.2f}", (bar[0] + BAR_PX + 6, base), 11, INK)
