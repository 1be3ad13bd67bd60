"""The few shapes that the charts are made of. Coordinates are CSS pixels, y downwards."""

from collections.abc import Sequence

from leukoscope.runtime.report.markup import Markup, Number, coordinate, element

INK, FAINT, RULE, PAPER = "#23272e", "#6b7280", "#d5d8dd", "#ffffff"
COLOURS: tuple[str, ...] = (INK, "#0072b2", "#d98c00", "#a9d3f0")
"""By variant. They differ in lightness as well as in hue, so that grey prints and colour-blind eyes tell them apart."""
MARKS = 4
"""Shapes of marks: disc, square, diamond, triangle."""

Point = tuple[Number, Number]


def drawing(width: Number, height: Number, title: str, *shapes: Markup) -> Markup:
    """An inline SVG that shrinks with the page; `title` says in words what it shows."""
    return element(
        "svg",
        element("title", title),
        *shapes,
        role="img",
        width=width,
        height=height,
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
    )


def text(
    at: Point,
    words: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    size: Number = 12,
    bold: bool = False,
    turned: bool = False,
    halo: bool = False,
) -> Markup:
    """Words whose baseline begins (`start`), has its middle (`middle`) or ends (`end`) at a point."""
    x, y = at
    return element(
        "text",
        words,
        x=x,
        y=y,
        text_anchor=None if anchor == "start" else anchor,
        fill=None if fill == INK else fill,
        font_size=None if size == 12 else size,
        class_="halo" if halo else None,
        font_weight="600" if bold else None,
        transform=f"rotate(-90 {coordinate(x)} {coordinate(y)})" if turned else None,
    )


def line(
    start: Point, end: Point, *, stroke: str = RULE, width: Number = 1, dashes: str = ""
) -> Markup:
    """A straight line."""
    return element(
        "line",
        x1=start[0],
        y1=start[1],
        x2=end[0],
        y2=end[1],
        stroke=stroke,
        stroke_width=None if width == 1 else width,
        stroke_dasharray=dashes or None,
    )


def box(
    corner: Point,
    size: Point,
    *,
    fill: str,
    stroke: str | None = None,
    opacity: float | None = None,
) -> Markup:
    """A rectangle from its upper left corner."""
    return element(
        "rect",
        x=corner[0],
        y=corner[1],
        width=size[0],
        height=size[1],
        fill=fill,
        fill_opacity=opacity,
        stroke=stroke,
    )


def mark(at: Point, series: int, radius: Number = 4.5) -> Markup:
    """The mark of the series: its shape and its colour."""
    x, y = at
    fill = COLOURS[series % len(COLOURS)]
    stroke = INK
    shape = series % MARKS
    if shape == 0:
        return element("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke)
    if shape == 1:
        side = radius * 1.8
        return box((x - side / 2, y - side / 2), (side, side), fill=fill, stroke=stroke)
    reach = radius * 1.3
    corners = (
        [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
        if shape == 2
        else [(x, y - reach), (x + reach, y + radius), (x - reach, y + radius)]
    )
    return element("path", d=outline(corners) + "Z", fill=fill, stroke=stroke)


def trace(points: Sequence[Point], *, stroke: str = INK, width: Number = 1.5) -> Markup:
    """A line through points."""
    return element("path", d=outline(points), fill="none", stroke=stroke, stroke_width=width)


def outline(points: Sequence[Point]) -> str:
    """The path's data."""
    return "".join(
        f"{'L' if index else 'M'}{coordinate(x)} {coordinate(y)}"
        for index, (x, y) in enumerate(points)
    )
