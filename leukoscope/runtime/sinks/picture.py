"""A result as a picture: the judgement above, the field, the legend below."""

import numpy as np

from leukoscope.runtime.field import Result
from leukoscope.runtime.sinks.footer import FOOTER_PX, draw_footer
from leukoscope.runtime.sinks.header import HEADER_PX, draw_header
from leukoscope.runtime.sinks.lettering import PAPER, Picture
from leukoscope.runtime.sinks.panel import draw_panel

MIN_SIDE_PX = 800
"""A smaller field is enlarged until its longer side has this, so that the text has room."""
MIN_WIDTH_PX = 760
"""A picture is at least as wide; a narrower field stands in its middle."""


def draw_picture(result: Result) -> Picture:
    """RGB uint8, the field between a header and a footer; sides even, as video coders want them."""
    panel = draw_panel(result, panel_size(result.frame.size_px))
    height, panel_width = panel.shape[:2]
    width = max(panel_width, MIN_WIDTH_PX)
    left = (width - panel_width) // 2
    picture = np.full((HEADER_PX + height + FOOTER_PX, width, 3), PAPER, np.uint8)
    picture[HEADER_PX : HEADER_PX + height, left : left + panel_width] = panel
    draw_header(picture[:HEADER_PX], result)
    draw_footer(picture[HEADER_PX + height :], result)
    return picture


def panel_size(field_px: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the field on the picture, even, at least MIN_SIDE_PX on the longer side."""
    ratio = max(1.0, MIN_SIDE_PX / max(field_px))
    width, height = (max(2, 2 * round(side * ratio / 2)) for side in field_px)
    return width, height
