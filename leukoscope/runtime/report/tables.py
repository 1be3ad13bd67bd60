"""Tables of the page: a head, rows, and small print below a value."""

from collections.abc import Iterable, Sequence

from leukoscope.runtime.report.markup import Child, Markup, element, joined


def table(
    heads: Sequence[Child],
    rows: Iterable[Sequence[Child]],
    *,
    class_: str | None = None,
) -> Markup:
    """The first column is the rows' head, on the left; the others stand on the right unless they are `left`."""
    return element(
        "table",
        element("thead", element("tr", [_head(head) for head in heads])),
        element("tbody", [_row(row) for row in rows]),
        class_=class_,
    )


def below(value: Child, *small_print: str) -> Markup:
    """A value with lines of small print under it, such as its interval; empty ones are nothing."""
    return joined(value, [element("span", text, class_="of") for text in small_print if text])


def terms(pairs: Iterable[tuple[str, Child]]) -> Markup:
    """A list of terms with what they are."""
    return element(
        "dl", [joined(element("dt", term), element("dd", value)) for term, value in pairs]
    )


def paragraph(*children: Child, class_: str | None = None) -> Markup:
    """One paragraph."""
    return element("p", *children, class_=class_)


def names(items: Iterable[Child]) -> Markup:
    """A list of short things, in columns."""
    return element("ul", [element("li", item) for item in items], class_="names")


def _row(row: Sequence[Child]) -> Markup:
    first, *others = row
    return element("tr", element("th", first, scope="row"), [_cell(one) for one in others])


def left(child: Child, *, keep: bool = False) -> Markup:
    """A cell on the left; with `keep` its text stays on one line."""
    return element("td", child, class_="left keep" if keep else "left")


def left_head(text: str) -> Markup:
    """The head of a column of `left` cells."""
    return element("th", text, scope="col", class_="left")


def _head(child: Child) -> Markup:
    if isinstance(child, Markup) and child.startswith("<th"):
        return child
    return element("th", child, scope="col")


def _cell(child: Child) -> Markup:
    if isinstance(child, Markup) and child.startswith("<td"):
        return child
    return element("td", child)
