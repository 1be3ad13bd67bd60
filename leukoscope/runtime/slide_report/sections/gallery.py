"""Fields as they looked: those that weigh most for each stage, and how to read the pictures."""

from base64 import b64encode

from leukoscope.runtime.journal.rows import number
from leukoscope.runtime.report.markup import Child, Markup, element, joined, short
from leukoscope.runtime.report.numbers import NONE, fraction
from leukoscope.runtime.report.tables import paragraph
from leukoscope.runtime.slide_report.contents import FieldAnswer, Shown, Slide
from leukoscope.runtime.slide_report.words import flag_name, verdict_name

LEAD = (
    "Of each stage the fields that count for it most surely, six at most: left as it looked, right with the outlines "
    "of the mask (blue the cell, yellow the nucleus) and the map of the class that the machine voted, each map over "
    "its own highest value (trees' maps: vermilion for the class, green against it). The clearest cases, not typical ones."
)
NO_PICTURES = "No picture of a field that counts was kept (--keep-pictures)."
NONE_OF_STAGE = "none kept"


def gallery(slide: Slide) -> Markup:
    """By stage."""
    if not any(slide.leading.values()):
        return paragraph(NO_PICTURES)
    parts: list[Markup] = [paragraph(LEAD, class_="note")]
    for stage, pictures in slide.leading.items():
        if pictures:
            parts += [element("h3", stage), pairs(pictures)]
    return joined(parts)


def pairs(pictures: tuple[Shown, ...]) -> Markup:
    """Each field twice, plain and drawn on, with what is known of it below."""
    return element("div", [_figure(one) for one in pictures], class_="pairs")


def _figure(one: Shown) -> Markup:
    row = one.field.row
    name = f"field {row.id}"
    images = [_image(one.plain_jpeg, f"{name} as it looked")]
    if one.drawn_jpeg is not None:
        images.append(_image(one.drawn_jpeg, f"{name} with what was found"))
    return element(
        "figure",
        element("div", images, class_="pair"),
        element(
            "figcaption",
            element("b", name),
            f", {short(row.name, 60)}. ",
            _said(one.field),
            _kept(one),
        ),
    )


def _image(jpeg: bytes, words: str) -> Markup:
    return element("img", src=f"data:image/jpeg;base64,{b64encode(jpeg).decode()}", alt=words)


def _said(field: FieldAnswer) -> list[Child]:
    row = field.row
    probability = number(row.probability)
    sure = "" if probability is None else f" {fraction(probability, 2)}"
    words: list[Child] = [f"Machine: {row.stage or NONE}{sure}"]
    if row.flags:
        words.append(f"; flagged: {', '.join(flag_name(flag) for flag in row.flags)}")
    if field.review is not None:
        said = verdict_name(field.review.verdict, field.review.value)
        words.append(element("b", f"; {field.review.reviewer}: {said}"))
    return [*words, "."]


def _kept(one: Shown) -> str:
    return "" if one.outlined else " (small picture, no mask kept)"
