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
    shorten,
    text_width,
    write_fitting,
    write_text,
)
from leukoscope.runtime.wording import count_cells

HEADER_PX = 92
MARGIN_PX = 16
BAR_PX = 72
BARS_PX = 220
"""Room that the bars and their names take at the right end."""
VOTED_BAR: Colour = (0, 92, 230)
OTHER_BAR: Colour = (150, 156, 170)


def draw_header(strip: Picture, result: Result) -> None:
    """Draws on the top strip [HEADER_PX, W, 3]."""
    if result.vote is None:
        write_text(strip, "no stage: no XIncept-ALL in this bundle", (MARGIN_PX, 36), 15, GREY)
    else:
        _write_vote(strip, result.vote)
        _draw_bars(strip, result.vote.probabilities, result.vote.stage)
    room = strip.shape[1] - 2 * MARGIN_PX - (BARS_PX if result.vote else 0)
    write_fitting(strip, count_cells(result), (MARGIN_PX, 62), 12, room)
    flags = ", ".join(flag.replace("_", " ") for flag in result.flags)
    words, colour = (flags, WARNING) if flags else ("no flags", GREY)
    write_fitting(strip, words, (MARGIN_PX, 82), 12, room, colour)


def _write_vote(strip: Picture, vote: Vote) -> None:
    text = f"{vote.stage} {vote.probabilities[vote.stage]:.2f}"
    end = MARGIN_PX + write_text(strip, text, (MARGIN_PX, 36), 24, INK)
    who = f"voted by the {vote.voter}"
    if vote.head_stage != vote.stage:
        who += f"; the head says {vote.head_stage}"
    room = strip.shape[1] - MARGIN_PX - BARS_PX - end - 14
    write_fitting(strip, who, (end + 14, 36), 12, room, GREY)


def _draw_bars(strip: Picture, probabilities: Mapping[str, float], voted: str) -> None:
    """A bar for each stage, in the network's order, at the right end."""
    names = {name: shorten(name, 11, BARS_PX - BAR_PX - 70) for name in probabilities}
    name_px = max(text_width(name, 11) for name in names.values())
    left = strip.shape[1] - MARGIN_PX - name_px - BAR_PX - 46
    pitch = min(19, (HEADER_PX - 10) // max(1, len(probabilities)))
    for row, (name, probability) in enumerate(probabilities.items()):
        base = 20 + row * pitch
        bar = (left + name_px + 8, base - 10)
        write_text(strip, names[name], (left, base), 11, INK)
        fill(strip, bar, (BAR_PX, 10), PALE)
        length = round(BAR_PX * probability)
        if length:
            fill(strip, bar, (length, 10), VOTED_BAR if name == voted else OTHER_BAR)
        write_text(strip, f"{probability:.2f}", (bar[0] + BAR_PX + 6, base), 11, INK)
