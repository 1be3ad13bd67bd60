"""HTML and SVG by small functions: whatever is not `Markup` is escaped, so that no file name can become a tag.

element("td", name, class_="left")      # <td class="left">&lt;script&gt;...</td>
"""

from collections.abc import Iterable
from html import escape

STRANGE = "\ufffd"
"""Stands for characters that could hide or turn the text round them: controls, overrides of direction, surrogates."""
SPACES = frozenset(" \u00a0\u2002\u2009\u202f\u2212\n")
LONGEST_NAME = 110
VOID = frozenset({"meta", "img", "br", "path", "rect", "line", "circle", "polyline"})
Number = int | float


class Markup(str):
    """Text that is HTML already; only functions of this file make it."""

    __slots__ = ()


Child = Markup | str | int | None
Attribute = str | Number | None


def element(tag: str, /, *children: Child | Iterable[Child], **attributes: Attribute) -> Markup:
    """One element; children that are no `Markup` are escaped, None is nothing.

    An attribute's trailing underscore goes, inner ones become hyphens; None leaves it out. Raises ValueError for
    numbers that are not finite.
    """
    start = tag + "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Markup(f"<{start}/>")  # inside SVG an unclosed one would swallow the rest
    return Markup(f"<{start}>{joined(*children)}</{tag}>")


def joined(*children: Child | Iterable[Child]) -> Markup:
    """Children one after the other."""
    return Markup("".join(_parts(children)))


def shown(text: str) -> str:
    """The text without what cannot be printed: such characters become U+FFFD."""
    return "".join(one if one.isprintable() or one in SPACES else STRANGE for one in text)


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """A name whose middle is left out where it is longer than `longest`; its ends tell files apart."""
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[:half]}\u2026{name[-half:]}"


def coordinate(value: Number) -> str:
    """A number of an SVG, to a hundredth: the same bytes on every machine. Raises ValueError unless finite."""
    if value - value != 0:
        raise ValueError(f"a coordinate of {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _parts(children: Iterable[Child | Iterable[Child]]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, (str, int)):
            yield escape(shown(str(child)))
        else:
            yield from _parts(child)


def _value(value: str | Number) -> str:
    if isinstance(value, str):
        return escape(shown(value), quote=True)
    return coordinate(value)
